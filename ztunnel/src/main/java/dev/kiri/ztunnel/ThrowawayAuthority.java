package dev.kiri.ztunnel;

import dev.kiri.hbone.identity.SpiffeId;
import dev.kiri.hbone.identity.WorkloadCertificate;
import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
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
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/// A certificate authority for the minutes of a training run. Nobody else ever trusts it.
final class ThrowawayAuthority {
  private static final X500Principal NAME = new X500Principal("CN=training");
  private static final Duration LIFE = Duration.ofHours(1);

  private final KeyPair keys;
  private final X509Certificate root;

  ThrowawayAuthority() throws GeneralSecurityException, IOException, OperatorCreationException {
    keys = newKeys();
    root =
        sign(
            builder(NAME, keys, 1)
                .addExtension(Extension.basicConstraints, true, new BasicConstraints(true)));
  }

  WorkloadCertificate issue(SpiffeId identity)
      throws GeneralSecurityException, IOException, OperatorCreationException {
    var leafKeys = newKeys();
    var name = new GeneralName(GeneralName.uniformResourceIdentifier, identity.uri());
    var leaf =
        sign(
            builder(new X500Principal(""), leafKeys, 2)
                .addExtension(Extension.subjectAlternativeName, true, new GeneralNames(name)));
    return new WorkloadCertificate(leafKeys.getPrivate(), List.of(leaf), List.of(root));
  }

  private static KeyPair newKeys() throws GeneralSecurityException {
    var generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec("secp256r1"));
    return generator.generateKeyPair();
  }

  private static JcaX509v3CertificateBuilder builder(
      X500Principal subject, KeyPair of, int serial) {
    var now = Instant.now();
    return new JcaX509v3CertificateBuilder(
        NAME,
        BigInteger.valueOf(serial),
        Date.from(now.minus(LIFE)),
        Date.from(now.plus(LIFE)),
        subject,
        of.getPublic());
  }

  private X509Certificate sign(X509v3CertificateBuilder builder)
      throws GeneralSecurityException, OperatorCreationException {
    var signer = new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate());
    return new JcaX509CertificateConverter().getCertificate(builder.build(signer));
  }
}
