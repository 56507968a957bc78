package dev.kiri.hbone.identity;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.StringReader;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.openssl.PEMException;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.bouncycastle.util.io.pem.PemReader;

/// Reads and writes keys and certificates in PEM (RFC 7468). Stateless. Messages of failures begin
/// with `from`, which says where the text is from, and never hold any of it.
public final class PemText {
  private static final Base64.Encoder LINES = Base64.getMimeEncoder(64, new byte[] {'\n'});

  private PemText() {}

  /// One block, with a line feed at its end.
  ///
  /// @param label what it is, `CERTIFICATE` for one
  public static String block(String label, byte[] der) {
    return "-----BEGIN "
        + label
        + "-----\n"
        + LINES.encodeToString(der)
        + "\n-----END "
        + label
        + "-----\n";
  }

  /// The first private key: PKCS#8, or the older forms of EC and RSA, not encrypted.
  public static PrivateKey privateKey(String from, String text) throws IOException {
    try (var pem = new PEMParser(new StringReader(text))) {
      var converter = new JcaPEMKeyConverter();
      for (var object = pem.readObject(); object != null; object = pem.readObject()) {
        if (object instanceof PrivateKeyInfo info) {
          return converter.getPrivateKey(info);
        }
        if (object instanceof PEMKeyPair pair) {
          return converter.getPrivateKey(pair.getPrivateKeyInfo());
        }
      }
    } catch (PEMException e) {
      throw new IOException(from + ": the private key cannot be read", e);
    }
    throw new IOException(from + ": no private key");
  }

  /// All certificates, at least one, in their order.
  public static List<X509Certificate> certificates(String from, String text) throws IOException {
    var found = new ArrayList<X509Certificate>();
    try (var pem = new PemReader(new StringReader(text))) {
      var factory = CertificateFactory.getInstance("X.509");
      for (var block = pem.readPemObject(); block != null; block = pem.readPemObject()) {
        if (block.getType().equals("CERTIFICATE")) {
          found.add(
              (X509Certificate)
                  factory.generateCertificate(new ByteArrayInputStream(block.getContent())));
        }
      }
    } catch (CertificateException e) {
      throw new IOException(from + ": a certificate cannot be read", e);
    }
    if (found.isEmpty()) {
      throw new IOException(from + ": no certificate");
    }
    return found;
  }
}
