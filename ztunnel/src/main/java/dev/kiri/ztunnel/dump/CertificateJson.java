package dev.kiri.ztunnel.dump;

import dev.kiri.hbone.identity.PemText;
import dev.kiri.mesh.ca.CertificateStatus;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The certificates of an identity as upstream's dump shows them. Pure. Never a key.
final class CertificateJson {
  private CertificateJson() {}

  static Map<String, @Nullable Object> of(CertificateStatus status) {
    var json = new LinkedHashMap<String, @Nullable Object>();
    json.put("identity", status.identity().toString());
    json.put("state", status.state().text());
    switch (status.state()) {
      case CertificateStatus.State.Available(var certificate) -> {
        json.put("certChain", certificate.chain().stream().map(CertificateJson::one).toList());
        json.put("rootCerts", certificate.roots().stream().map(CertificateJson::one).toList());
      }
      case CertificateStatus.State.Initializing _, CertificateStatus.State.Unavailable _ -> {
        json.put("certChain", List.of());
        json.put("rootCerts", List.of());
      }
    }
    return json;
  }

  private static Map<String, Object> one(X509Certificate certificate) {
    return Map.of(
        "pem",
        pem(certificate),
        "serialNumber",
        certificate.getSerialNumber().toString(),
        "validFrom",
        certificate.getNotBefore().toInstant().truncatedTo(ChronoUnit.SECONDS).toString(),
        "expirationTime",
        certificate.getNotAfter().toInstant().truncatedTo(ChronoUnit.SECONDS).toString());
  }

  /// The PEM text, once more in base 64, as upstream has it.
  private static String pem(X509Certificate certificate) {
    try {
      var text = PemText.block("CERTIFICATE", certificate.getEncoded());
      return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.US_ASCII));
    } catch (CertificateEncodingException impossible) {
      throw new IllegalStateException(impossible);
    }
  }
}
