package dev.kiri.ztunnel.settings;

import dev.kiri.hbone.tls.Revocations;
import dev.kiri.hbone.tls.TlsSettings;
import dev.kiri.ops.settings.Settings;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// What tunnels may negotiate, and the file of revoked certificates (`CRL_PATH`; null: none).
/// Immutable.
public record TlsPolicy(boolean tls12, boolean postQuantumOnly, @Nullable Path revocations) {
  static TlsPolicy from(Settings env) {
    var compliance = env.text("COMPLIANCE_POLICY", "");
    if (!compliance.isEmpty() && !compliance.equals("pqc")) {
      env.problem("invalid env var COMPLIANCE_POLICY=" + compliance + " (expected pqc)");
    }
    var revocations = env.text("CRL_PATH", "");
    return new TlsPolicy(
        env.flag("TLS12_ENABLED", false),
        compliance.equals("pqc"),
        revocations.isEmpty() ? null : Path.of(revocations));
  }

  /// For the library, on this machine's engine.
  public TlsSettings settings(Revocations revoked) {
    var base = TlsSettings.defaults();
    return new TlsSettings(
        base.engine(), tls12, postQuantumOnly, base.acceptedTrustDomains(), revoked);
  }
}
