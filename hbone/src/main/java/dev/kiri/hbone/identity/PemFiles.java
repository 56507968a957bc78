package dev.kiri.hbone.identity;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.openssl.PEMException;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.bouncycastle.util.io.pem.PemReader;

/// The three files of a workload certificate in PEM, as Istio's agents and cert-manager write them:
/// the private key (PKCS#8, or the older forms of EC and RSA, not encrypted), the chain with the
/// leaf first, the roots. Immutable.
public record PemFiles(Path key, Path chain, Path roots) {

  /// Reads all three. Blocks. Throws [IOException] if one cannot be read or holds something else
  /// than it should; the message names the file, never its content.
  public WorkloadCertificate read() throws IOException {
    var privateKey = privateKey();
    var leafFirst = certificates(chain);
    var anchors = certificates(roots);
    try {
      return new WorkloadCertificate(privateKey, leafFirst, anchors);
    } catch (IllegalArgumentException e) {
      throw new IOException(chain + ": " + e.getMessage(), e);
    }
  }

  private PrivateKey privateKey() throws IOException {
    try (Reader in = Files.newBufferedReader(key);
        var pem = new PEMParser(in)) {
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
      throw new IOException(key + ": the private key cannot be read", e);
    }
    throw new IOException(key + ": no private key");
  }

  private static List<X509Certificate> certificates(Path file) throws IOException {
    var found = new ArrayList<X509Certificate>();
    try (Reader in = Files.newBufferedReader(file);
        var pem = new PemReader(in)) {
      var factory = CertificateFactory.getInstance("X.509");
      for (var block = pem.readPemObject(); block != null; block = pem.readPemObject()) {
        if (block.getType().equals("CERTIFICATE")) {
          found.add(
              (X509Certificate)
                  factory.generateCertificate(new ByteArrayInputStream(block.getContent())));
        }
      }
    } catch (CertificateException e) {
      throw new IOException(file + ": a certificate cannot be read", e);
    }
    if (found.isEmpty()) {
      throw new IOException(file + ": no certificate");
    }
    return found;
  }
}
