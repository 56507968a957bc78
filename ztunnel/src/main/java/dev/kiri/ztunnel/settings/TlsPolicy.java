package dev.kiri.ztunnel.settings;

import dev.kiri.hbone.tls.TlsSettings;
import dev.kiri.ops.settings.Settings;

/// What tunnels may negotiate. Immutable.
public record TlsPolicy(boolean tls12, boolean postQuantumOnly) {
  static TlsPolicy from(Settings env) {
    var compliance = env.text("COMPLIANCE_POLICY", "");
    if (!compliance.isEmpty() && !compliance.equals("pqc")) {
      env.problem("invalid env var COMPLIANCE_POLICY=" + compliance + " (expected pqc)");
    }
    return new TlsPolicy(env.flag("TLS12_ENABLED", false), compliance.equals("pqc"));
  }

  /// For the library, on this machine's engine.
  public TlsSettings settings() {
    var base = TlsSettings.defaults();
    return new TlsSettings(
        base.engine(), tls12, postQuantumOnly, base.acceptedTrustDomains(), base.revocations());
  }
}
