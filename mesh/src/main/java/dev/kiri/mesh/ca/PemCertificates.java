package dev.kiri.mesh.ca;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Reads certificates in PEM.
final class PemCertificates {
  private static final Logger log = LoggerFactory.getLogger(PemCertificates.class);
  private static final String BEGIN = "-----BEGIN CERTIFICATE-----";
  private static final String END = "-----END CERTIFICATE-----";

  private PemCertificates() {}

  /// The first certificate of a text.
  static X509Certificate first(String text) throws CertificateException {
    var blocks = blocks(text);
    if (blocks.isEmpty()) {
      throw new CertificateException("no certificate in PEM");
    }
    return parse(blocks.getFirst());
  }

  /// All certificates of a text that can be read; the others are left out with a warning.
  static List<X509Certificate> bundle(String text) {
    var certificates = new ArrayList<X509Certificate>();
    for (String block : blocks(text)) {
      try {
        certificates.add(parse(block));
      } catch (CertificateException unreadable) {
        log.warn("skipping a root certificate that cannot be read: {}", unreadable.getMessage());
      }
    }
    return certificates;
  }

  private static List<String> blocks(String text) {
    var blocks = new ArrayList<String>();
    int begin = text.indexOf(BEGIN);
    while (begin >= 0) {
      int end = text.indexOf(END, begin);
      if (end < 0) {
        break;
      }
      blocks.add(text.substring(begin, end + END.length()));
      begin = text.indexOf(BEGIN, end);
    }
    return blocks;
  }

  private static X509Certificate parse(String pem) throws CertificateException {
    var certificate =
        CertificateFactory.getInstance("X.509")
            .generateCertificate(new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII)));
    return (X509Certificate) certificate;
  }
}
