package dev.kiri.ztunnel;

import dev.kiri.hbone.identity.PemText;
import dev.kiri.hbone.identity.SpiffeId;
import dev.kiri.hbone.identity.WorkloadCertificate;
import dev.kiri.ztunnel.pod.PodExercise;
import java.io.IOException;
import java.io.StringReader;
import java.math.BigInteger;
import java.net.InetAddress;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
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
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.PKCS10CertificationRequest;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequest;

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
            builder(NAME, keys.getPublic(), 1)
                .addExtension(Extension.basicConstraints, true, new BasicConstraints(true)));
  }

  WorkloadCertificate issue(SpiffeId identity)
      throws GeneralSecurityException, IOException, OperatorCreationException {
    var leafKeys = newKeys();
    var name = new GeneralName(GeneralName.uniformResourceIdentifier, identity.uri());
    var leaf = leaf(leafKeys.getPublic(), name);
    return new WorkloadCertificate(leafKeys.getPrivate(), List.of(leaf), List.of(root));
  }

  /// For a server at that address.
  Server server(InetAddress address)
      throws GeneralSecurityException, IOException, OperatorCreationException {
    var leafKeys = newKeys();
    var name = new GeneralName(GeneralName.iPAddress, address.getHostAddress());
    return new Server(leafKeys.getPrivate(), leaf(leafKeys.getPublic(), name));
  }

  /// A server's key and the chain for it.
  record Server(PrivateKey key, X509Certificate chain) {}

  /// Answers a signing request, in PEM, with the chain of the training's workload, in PEM.
  List<String> sign(String request)
      throws GeneralSecurityException, IOException, OperatorCreationException {
    try (var parser = new PEMParser(new StringReader(request))) {
      if (!(parser.readObject() instanceof PKCS10CertificationRequest csr)) {
        throw new IOException("not a signing request: " + request);
      }
      var key = new JcaPKCS10CertificationRequest(csr).getPublicKey();
      var name = new GeneralName(GeneralName.uniformResourceIdentifier, PodExercise.IDENTITY.uri());
      return List.of(pem(leaf(key, name)), rootPem());
    }
  }

  /// What a client is to trust.
  String rootPem() throws GeneralSecurityException {
    return pem(root);
  }

  private static String pem(X509Certificate certificate) throws GeneralSecurityException {
    return PemText.block("CERTIFICATE", certificate.getEncoded());
  }

  private X509Certificate leaf(PublicKey key, GeneralName name)
      throws GeneralSecurityException, IOException, OperatorCreationException {
    return sign(
        builder(new X500Principal(""), key, 2)
            .addExtension(Extension.subjectAlternativeName, true, new GeneralNames(name)));
  }

  private static KeyPair newKeys() throws GeneralSecurityException {
    var generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec("secp256r1"));
    return generator.generateKeyPair();
  }

  private static JcaX509v3CertificateBuilder builder(
      X500Principal subject, PublicKey key, int serial) {
    var now = Instant.now();
    return new JcaX509v3CertificateBuilder(
        NAME,
        BigInteger.valueOf(serial),
        Date.from(now.minus(LIFE)),
        Date.from(now.plus(LIFE)),
        subject,
        key);
  }

  private X509Certificate sign(X509v3CertificateBuilder builder)
      throws GeneralSecurityException, OperatorCreationException {
    var signer = new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate());
    return new JcaX509CertificateConverter().getCertificate(builder.build(signer));
  }
}
