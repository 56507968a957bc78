package dev.kiri.hbone.conformance;

import dev.kiri.hbone.identity.SpiffeId;
import dev.kiri.hbone.identity.WorkloadCertificate;
import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/// Issues the certificates of an examination, the wrong ones included. Immutable; keys are P-256.
public record ExamAuthority(PrivateKey key, X509Certificate certificate) {
  private static final SecureRandom RANDOM = new SecureRandom();

  /// A root that lives as long as the examination.
  public static ExamAuthority create(String name) {
    var keys = newKeys();
    var subject = new X500Principal("CN=" + name);
    try {
      var now = Instant.now();
      var builder = builder(subject, subject, keys, now.minus(HOUR), now.plus(DAY));
      builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(true));
      builder.addExtension(
          Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
      return new ExamAuthority(keys.getPrivate(), sign(builder, keys.getPrivate()));
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static final Duration HOUR = Duration.ofHours(1);
  private static final Duration DAY = Duration.ofDays(1);

  /// A valid certificate that trusts these roots.
  public WorkloadCertificate issue(SpiffeId identity, X509Certificate... roots) {
    var now = Instant.now();
    return issue(identity, now.minus(HOUR), now.plus(DAY), roots);
  }

  /// One that has expired an hour ago.
  WorkloadCertificate issueExpired(SpiffeId identity, X509Certificate... roots) {
    var now = Instant.now();
    return issue(identity, now.minus(HOUR).minus(HOUR), now.minus(HOUR), roots);
  }

  private WorkloadCertificate issue(
      SpiffeId identity, Instant from, Instant to, X509Certificate... roots) {
    var keys = newKeys();
    try {
      var builder =
          builder(certificate.getSubjectX500Principal(), new X500Principal(""), keys, from, to);
      builder.addExtension(
          Extension.subjectAlternativeName,
          true,
          new GeneralNames(new GeneralName(GeneralName.uniformResourceIdentifier, identity.uri())));
      builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
      var leaf = sign(builder, key);
      return new WorkloadCertificate(keys.getPrivate(), List.of(leaf), List.of(roots));
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static X509v3CertificateBuilder builder(
      X500Principal issuer, X500Principal subject, KeyPair keys, Instant from, Instant to) {
    return new JcaX509v3CertificateBuilder(
        issuer,
        new BigInteger(64, RANDOM),
        Date.from(from),
        Date.from(to),
        subject,
        keys.getPublic());
  }

  private static KeyPair newKeys() {
    try {
      var generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"));
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static X509Certificate sign(X509v3CertificateBuilder builder, PrivateKey key) {
    try {
      var signer = new JcaContentSignerBuilder("SHA256withECDSA").build(key);
      return new JcaX509CertificateConverter().getCertificate(builder.build(signer));
    } catch (GeneralSecurityException | OperatorCreationException e) {
      throw new IllegalStateException(e);
    }
  }
}
