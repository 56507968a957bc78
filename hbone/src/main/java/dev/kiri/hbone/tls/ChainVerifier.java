package dev.kiri.hbone.tls;

import java.io.ByteArrayInputStream;
import java.security.GeneralSecurityException;
import java.security.Provider;
import java.security.cert.CertPathBuilder;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertStore;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.CollectionCertStoreParameters;
import java.security.cert.PKIXBuilderParameters;
import java.security.cert.PKIXCertPathBuilderResult;
import java.security.cert.TrustAnchor;
import java.security.cert.X509CertSelector;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.bouncycastle.jce.provider.BouncyCastleProvider;

/// Builds and validates the path from a peer's leaf to one of the mesh's roots. Immutable,
/// thread-safe.
///
/// Paths are built by the JDK; a certificate that its parser refuses (an empty subject with a SAN
/// that is not critical, which other implementations issue) is parsed and its path built by Bouncy
/// Castle.
final class ChainVerifier {
  static final String SERVER_AUTH = "1.3.6.1.5.5.7.3.1";
  static final String CLIENT_AUTH = "1.3.6.1.5.5.7.3.2";
  private static final int MAX_PATH = 8; // upstream's TLS library stops there as well

  // Bouncy Castle tries every way through certificates that could have issued one another: twice as
  // many for each one more. This many cost a few milliseconds at worst
  private static final int MAX_LENIENT = 4;

  /// Made when the first such certificate comes, and once: making one costs a millisecond, which a
  /// peer must not be able to ask for again and again. Never changed.
  private static final class Lenient {
    private static final Provider PROVIDER = new BouncyCastleProvider();
  }

  private final Set<TrustAnchor> roots;

  ChainVerifier(List<X509Certificate> roots) {
    this.roots =
        roots.stream().map(root -> new TrustAnchor(root, null)).collect(Collectors.toSet());
  }

  /// The validated path. `presented` is DER, leaf first.
  VerifiedPath verify(List<byte[]> presented, String purpose, Instant now)
      throws PeerRejectedException {
    if (presented.isEmpty() || presented.size() > MAX_PATH) {
      throw new PeerRejectedException(new PeerRejected.BadEncoding());
    }
    List<X509Certificate> chain;
    try {
      chain = parse(presented, CertificateFactory.getInstance("X.509"));
    } catch (CertificateException strict) {
      return verifyLenient(presented, purpose, now);
    }
    return verifyParsed(chain, purpose, now);
  }

  private VerifiedPath verifyLenient(List<byte[]> presented, String purpose, Instant now)
      throws PeerRejectedException {
    if (presented.size() > MAX_LENIENT) {
      throw new PeerRejectedException(new PeerRejected.BadEncoding());
    }
    try {
      var chain = parse(presented, CertificateFactory.getInstance("X.509", Lenient.PROVIDER));
      return verifyParsed(chain, purpose, now, Lenient.PROVIDER);
    } catch (PeerRejectedException rejected) {
      throw rejected;
    } catch (CertificateException | RuntimeException e) {
      // it parses a part only when that is asked for, and then complains in whatever way
      throw new PeerRejectedException(new PeerRejected.BadEncoding());
    }
  }

  private VerifiedPath verifyParsed(
      List<X509Certificate> chain, String purpose, Instant now, Provider... provider)
      throws PeerRejectedException {
    var leaf = chain.getFirst();
    requireUsableLeaf(leaf, purpose, now);
    return path(chain, leaf, now, provider);
  }

  private static List<X509Certificate> parse(List<byte[]> encoded, CertificateFactory factory)
      throws CertificateException {
    var chain = new ArrayList<X509Certificate>(encoded.size());
    for (var der : encoded) {
      chain.add((X509Certificate) factory.generateCertificate(new ByteArrayInputStream(der)));
    }
    return chain;
  }

  private static void requireUsableLeaf(X509Certificate leaf, String purpose, Instant now)
      throws PeerRejectedException {
    if (now.isAfter(leaf.getNotAfter().toInstant())) {
      throw new PeerRejectedException(new PeerRejected.Expired());
    }
    if (now.isBefore(leaf.getNotBefore().toInstant())) {
      throw new PeerRejectedException(new PeerRejected.NotValidYet());
    }
    if (leaf.getVersion() != 3) {
      throw new PeerRejectedException(new PeerRejected.BadEncoding());
    }
    List<String> purposes;
    try {
      purposes = leaf.getExtendedKeyUsage();
    } catch (CertificateException e) {
      throw new PeerRejectedException(new PeerRejected.BadEncoding());
    }
    if (purposes != null && !purposes.contains(purpose) || leaf.getBasicConstraints() >= 0) {
      throw new PeerRejectedException(new PeerRejected.InvalidPurpose());
    }
  }

  private VerifiedPath path(
      List<X509Certificate> chain, X509Certificate leaf, Instant now, Provider[] provider)
      throws PeerRejectedException {
    try {
      var target = new X509CertSelector();
      target.setCertificate(leaf);
      var parameters = new PKIXBuilderParameters(roots, target);
      parameters.setDate(Date.from(now));
      parameters.setRevocationEnabled(false); // asked by the caller, over the whole path
      parameters.setMaxPathLength(MAX_PATH);
      parameters.addCertStore(
          CertStore.getInstance("Collection", new CollectionCertStoreParameters(chain)));
      var builder =
          provider.length == 0
              ? CertPathBuilder.getInstance("PKIX")
              : CertPathBuilder.getInstance("PKIX", provider[0]);
      var built = (PKIXCertPathBuilderResult) builder.build(parameters);
      return new VerifiedPath(
          built.getCertPath().getCertificates().stream().map(X509Certificate.class::cast).toList(),
          built.getTrustAnchor().getTrustedCert());
    } catch (CertPathBuilderException e) {
      throw new PeerRejectedException(reason(e));
    } catch (GeneralSecurityException e) {
      throw new PeerRejectedException(new PeerRejected.BadEncoding());
    }
  }

  private static PeerRejected reason(Throwable failure) {
    for (Throwable t = failure; t != null; t = t.getCause()) {
      if (t instanceof CertPathValidatorException e) {
        if (e.getReason() == CertPathValidatorException.BasicReason.EXPIRED) {
          return new PeerRejected.Expired();
        }
        if (e.getReason() == CertPathValidatorException.BasicReason.NOT_YET_VALID) {
          return new PeerRejected.NotValidYet();
        }
      }
    }
    return new PeerRejected.UnknownIssuer();
  }
}
