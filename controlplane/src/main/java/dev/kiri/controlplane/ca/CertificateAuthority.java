package dev.kiri.controlplane.ca;

import dev.kiri.controlplane.ca.IssueOutcome.Issued;
import dev.kiri.controlplane.ca.IssueOutcome.Reason;
import dev.kiri.controlplane.ca.IssueOutcome.Refused;
import dev.kiri.hbone.identity.SpiffeId;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.security.interfaces.RSAPublicKey;
import java.time.Duration;
import java.util.List;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;
import org.bouncycastle.pkcs.PKCS10CertificationRequest;
import org.bouncycastle.pkcs.PKCSException;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequest;

/// Checks certificate requests and has them signed. The request gives the key and the proof that
/// its sender owns it; names in it are ignored. Thread-safe.
public final class CertificateAuthority {
  /// Larger requests are not parsed.
  static final int MAX_CSR = 16 * 1024;

  private static final int MIN_RSA_BITS = 2048;

  private final RootAuthority root;
  private final Duration standard;
  private final Duration longest;

  /// @param standard lifetime where the request names none
  /// @param longest a request for more is refused
  public CertificateAuthority(RootAuthority root, Duration standard, Duration longest) {
    this.root = root;
    this.standard = standard;
    this.longest = longest;
  }

  /// The root certificates a client has to trust, as PEM.
  public String rootPem() {
    return root.pem();
  }

  /// Issues a certificate for an identity that the caller may have.
  public IssueOutcome issue(String csr, SpiffeId identity, long validitySeconds) {
    if (csr.length() > MAX_CSR) {
      return new Refused(Reason.CSR_ERROR, "the request has " + csr.length() + " characters");
    }
    if (validitySeconds > longest.toSeconds()) {
      return new Refused(
          Reason.TTL_ERROR,
          "requested TTL "
              + validitySeconds
              + "s is greater than the max allowed TTL "
              + longest.toSeconds()
              + "s");
    }
    PublicKey key;
    try {
      key = checked(csr);
    } catch (IOException | GeneralSecurityException | OperatorCreationException | PKCSException e) {
      return new Refused(Reason.CSR_ERROR, String.valueOf(e.getMessage()));
    }
    Duration lifetime = validitySeconds <= 0 ? standard : Duration.ofSeconds(validitySeconds);
    GeneralNames names =
        new GeneralNames(new GeneralName(GeneralName.uniformResourceIdentifier, identity.uri()));
    try {
      X509Certificate leaf = root.sign(key, names, lifetime);
      return new Issued(List.of(Pem.write(leaf), root.pem()));
    } catch (GeneralSecurityException e) {
      return new Refused(Reason.CERT_GEN_ERROR, String.valueOf(e.getMessage()));
    }
  }

  /// A certificate for a server of our own, by its DNS names and the loopback addresses.
  public X509Certificate serving(KeyPair keys, List<String> dnsNames, Duration lifetime)
      throws GeneralSecurityException {
    GeneralName[] names = new GeneralName[dnsNames.size() + 2];
    for (int i = 0; i < dnsNames.size(); i++) {
      names[i] = new GeneralName(GeneralName.dNSName, dnsNames.get(i));
    }
    names[dnsNames.size()] = new GeneralName(GeneralName.iPAddress, "127.0.0.1");
    names[dnsNames.size() + 1] = new GeneralName(GeneralName.iPAddress, "::1");
    return root.sign(keys.getPublic(), new GeneralNames(names), lifetime);
  }

  private static PublicKey checked(String csr)
      throws IOException, GeneralSecurityException, OperatorCreationException, PKCSException {
    if (!(Pem.read(csr) instanceof PKCS10CertificationRequest parsed)) {
      throw new IOException("certificate signing request is not properly encoded");
    }
    PublicKey key = new JcaPKCS10CertificationRequest(parsed).getPublicKey();
    if (key instanceof RSAPublicKey rsa && rsa.getModulus().bitLength() < MIN_RSA_BITS) {
      throw new IOException("an RSA key of less than " + MIN_RSA_BITS + " bits");
    }
    if (!parsed.isSignatureValid(new JcaContentVerifierProviderBuilder().build(key))) {
      throw new IOException("certificate signing request is not signed by its own key");
    }
    return key;
  }
}
