package dev.kiri.hbone.tls;

import dev.kiri.hbone.identity.CertificateIdentities;
import dev.kiri.hbone.identity.SpiffeId;
import dev.kiri.hbone.identity.WorkloadCertificate;
import io.netty.buffer.ByteBufAllocator;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.SSLEngine;
import org.jspecify.annotations.Nullable;

/// The TLS contexts of one workload certificate, for both ends of a tunnel. Thread-safe.
///
/// TLS 1.3 (1.2 on request), ALPN `h2`, client certificates required, no server name, no host name
/// check, no session resumption (hbone profile of istio/ztunnel `src/tls`). Making one costs about
/// a millisecond: keep it until the certificate is renewed. Handshakes under way and tunnels that
/// stand keep the contexts they began with.
public final class TlsContexts {
  private final WorkloadCertificate certificate;
  private final EngineFactory engines;
  private final ConcurrentHashMap<SSLEngine, TlsHandshake> handshakes = new ConcurrentHashMap<>();

  /// Throws [IllegalArgumentException] if the key does not fit the certificate or the engine is
  /// missing.
  public static TlsContexts of(WorkloadCertificate certificate, TlsSettings settings) {
    return of(certificate, settings, InstantSource.system());
  }

  /// Like [#of(WorkloadCertificate, TlsSettings)], judging validity by `clock`.
  public static TlsContexts of(
      WorkloadCertificate certificate, TlsSettings settings, InstantSource clock) {
    return new TlsContexts(certificate, settings, clock);
  }

  private TlsContexts(WorkloadCertificate certificate, TlsSettings settings, InstantSource clock) {
    this.certificate = certificate;
    var own = CertificateIdentities.of(certificate.leaf()).trustDomain();
    var trust = new PeerTrust(certificate.roots(), own, settings, clock, handshakes::get);
    this.engines =
        switch (settings.engine()) {
          case BORINGSSL -> new BoringSslEngines(certificate, settings, trust);
          case JDK -> new JdkEngines(certificate, settings, trust);
        };
  }

  public WorkloadCertificate certificate() {
    return certificate;
  }

  /// Begins the accepting end of a handshake: any client of an accepted trust domain.
  public TlsHandshake server(ByteBufAllocator allocator) {
    return begin(engines.server(allocator), null);
  }

  /// Begins the dialling end: the server must present one of `expected`; none matches an empty
  /// list.
  public TlsHandshake client(ByteBufAllocator allocator, List<SpiffeId> expected) {
    return begin(engines.client(allocator), List.copyOf(expected));
  }

  private TlsHandshake begin(SSLEngine engine, @Nullable List<SpiffeId> expected) {
    var handshake = new TlsHandshake(this, engine, expected);
    handshakes.put(engine, handshake);
    return handshake;
  }

  void forget(SSLEngine engine) {
    handshakes.remove(engine);
  }
}
