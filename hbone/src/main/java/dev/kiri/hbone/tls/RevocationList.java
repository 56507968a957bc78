package dev.kiri.hbone.tls;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.cert.CRLException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.util.io.pem.PemReader;
import org.jspecify.annotations.Nullable;

/// One CRL (RFC 5280 5). Thread-safe.
///
/// It speaks for the authority that signed it and for no other one of the same name. Signatures are
/// verified once for each authority's key, and only when a certificate is listed; keys come from
/// verified paths, so there are as many as the mesh has authorities.
final class RevocationList {
  private static final int CRL_SIGN = 6; // bit of KeyUsage, RFC 5280 4.2.1.3

  private final X509CRL crl;
  private final Map<PublicKey, Boolean> signers = new ConcurrentHashMap<>();

  /// What a list says about a certificate of one issuer.
  enum Answer {
    NOT_LISTED,
    REVOKED,
    /// It is listed by name and number, but the list is not signed by this issuer.
    NOT_SIGNED_BY_ITS_ISSUER
  }

  private RevocationList(X509CRL crl) {
    this.crl = crl;
  }

  /// All lists of a file: PEM with blocks of any kind, of which CRLs are read, or one DER; none if
  /// there is no content.
  static List<RevocationList> parse(byte[] content)
      throws IOException, CRLException, CertificateException {
    var lists = new ArrayList<RevocationList>();
    if (content.length == 0) {
      return lists;
    }
    var factory = CertificateFactory.getInstance("X.509");
    if (!new String(content, StandardCharsets.ISO_8859_1).startsWith("-----BEGIN")) {
      lists.add(of(factory, content));
      return lists;
    }
    try (var pem =
        new PemReader(
            new InputStreamReader(
                new ByteArrayInputStream(content), StandardCharsets.ISO_8859_1))) {
      for (var block = pem.readPemObject(); block != null; block = pem.readPemObject()) {
        if (block.getType().equals("X509 CRL")) {
          lists.add(of(factory, block.getContent()));
        }
      }
    }
    return lists;
  }

  private static RevocationList of(CertificateFactory factory, byte[] der) throws CRLException {
    var crl = (X509CRL) factory.generateCRL(new ByteArrayInputStream(der));
    if (crl.getExtensionValue(Extension.deltaCRLIndicator.getId()) != null) {
      throw new CRLException("a list of changes (delta CRL), which says too little by itself");
    }
    return new RevocationList(crl);
  }

  Answer about(X509Certificate certificate, X509Certificate issuer) {
    if (!crl.isRevoked(certificate)) {
      return Answer.NOT_LISTED;
    }
    return signers.computeIfAbsent(issuer.getPublicKey(), _ -> isSignedBy(issuer))
        ? Answer.REVOKED
        : Answer.NOT_SIGNED_BY_ITS_ISSUER;
  }

  private boolean isSignedBy(X509Certificate issuer) {
    var usage = issuer.getKeyUsage();
    if (usage != null && !usage[CRL_SIGN]) {
      return false;
    }
    try {
      crl.verify(issuer.getPublicKey());
      return true;
    } catch (GeneralSecurityException e) {
      return false;
    }
  }

  String issuer() {
    return crl.getIssuerX500Principal().getName();
  }

  /// When a newer one was due, if that has passed.
  @Nullable Instant overdueSince(Instant now) {
    var next = crl.getNextUpdate();
    return next != null && next.toInstant().isBefore(now) ? next.toInstant() : null;
  }
}
