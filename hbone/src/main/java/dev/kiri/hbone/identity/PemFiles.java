package dev.kiri.hbone.identity;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// The three files of a workload certificate in PEM, as Istio's agents and cert-manager write them:
/// the private key (PKCS#8, or the older forms of EC and RSA, not encrypted), the chain with the
/// leaf first, the roots. Immutable.
public record PemFiles(Path key, Path chain, Path roots) {

  /// Reads all three. Blocks. Throws [IOException] if one cannot be read or holds something else
  /// than it should; the message names the file, never its content.
  public WorkloadCertificate read() throws IOException {
    var privateKey = PemText.privateKey(key.toString(), Files.readString(key));
    var leafFirst = PemText.certificates(chain.toString(), Files.readString(chain));
    var anchors = PemText.certificates(roots.toString(), Files.readString(roots));
    try {
      return new WorkloadCertificate(privateKey, leafFirst, anchors);
    } catch (IllegalArgumentException e) {
      throw new IOException(chain + ": " + e.getMessage(), e);
    }
  }
}
