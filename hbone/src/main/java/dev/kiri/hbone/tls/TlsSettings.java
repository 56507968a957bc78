package dev.kiri.hbone.tls;

import dev.kiri.hbone.identity.TrustDomain;
import java.util.Set;

/// The TLS policy of all tunnels of a program. Immutable.
///
/// `tls12` also allows TLS 1.2 (`TLS12_ENABLED`). `postQuantumOnly` offers nothing but
/// X25519MLKEM768 (`COMPLIANCE_POLICY=pqc`), which only BoringSSL can. `acceptedTrustDomains` are
/// accepted from clients besides the own one; upstream accepts none. `revocations` is asked for
/// every certificate of a peer's chain.
public record TlsSettings(
    Engine engine,
    boolean tls12,
    boolean postQuantumOnly,
    Set<TrustDomain> acceptedTrustDomains,
    Revocations revocations) {

  /// What runs the protocol.
  public enum Engine {
    /// BoringSSL through netty-tcnative.
    BORINGSSL,
    /// The JDK's own, where the native library does not load.
    JDK;

    /// BoringSSL if it loads here, else the JDK's.
    public static Engine best() {
      return io.netty.handler.ssl.OpenSsl.isAvailable() ? BORINGSSL : JDK;
    }
  }

  public static TlsSettings defaults() {
    return new TlsSettings(Engine.best(), false, false, Set.of(), Revocations.NONE);
  }

  public TlsSettings {
    acceptedTrustDomains = Set.copyOf(acceptedTrustDomains);
    if (postQuantumOnly && engine == Engine.JDK) {
      throw new IllegalArgumentException("post-quantum key exchange needs BoringSSL");
    }
  }

  public TlsSettings withEngine(Engine other) {
    return new TlsSettings(other, tls12, postQuantumOnly, acceptedTrustDomains, revocations);
  }

  public TlsSettings accepting(Set<TrustDomain> domains) {
    return new TlsSettings(engine, tls12, postQuantumOnly, domains, revocations);
  }

  public TlsSettings withPostQuantumOnly(boolean only) {
    return new TlsSettings(engine, tls12, only, acceptedTrustDomains, revocations);
  }

  public TlsSettings withRevocations(Revocations other) {
    return new TlsSettings(engine, tls12, postQuantumOnly, acceptedTrustDomains, other);
  }
}
