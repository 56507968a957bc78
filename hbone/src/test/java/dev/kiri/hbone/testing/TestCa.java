package dev.kiri.hbone.testing;

import dev.kiri.hbone.identity.SpiffeId;
import dev.kiri.hbone.identity.WorkloadCertificate;
import java.io.IOException;
import java.io.StringWriter;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v2CRLBuilder;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/// A certificate authority of a test's own: a root, on demand an intermediate, leaves of every
/// kind. Keys are P-256, as the mesh's are.
public final class TestCa {
  private static final AtomicLong SERIAL = new AtomicLong(1);

  private final String name;
  private final KeyPair keys;
  private final X509Certificate certificate;
  private final List<X509Certificate> above;

  /// A self-signed root.
  public static TestCa root(String name) {
    var keys = newKeys();
    var subject = new X500Principal("CN=" + name + ",O=test");
    return new TestCa(name, keys, authority(subject, keys, subject, keys.getPrivate()), List.of());
  }

  private TestCa(
      String name, KeyPair keys, X509Certificate certificate, List<X509Certificate> above) {
    this.name = name;
    this.keys = keys;
    this.certificate = certificate;
    this.above = above;
  }

  /// A certificate authority below this one; its leaves carry it in their chain.
  public TestCa intermediate(String child) {
    var childKeys = newKeys();
    var subject = new X500Principal("CN=" + child + ",O=test");
    var made =
        authority(subject, childKeys, certificate.getSubjectX500Principal(), keys.getPrivate());
    var chain = new ArrayList<X509Certificate>();
    chain.add(made);
    chain.addAll(above);
    return new TestCa(child, childKeys, made, chain);
  }

  public X509Certificate certificate() {
    return certificate;
  }

  /// A CRL of this authority in PEM that lists the serial numbers of `revoked`.
  public String revoking(X509Certificate... revoked) {
    return revoking(Instant.now().plus(Duration.ofDays(1)), revoked);
  }

  /// The same, due to be replaced at `nextUpdate`.
  public String revoking(Instant nextUpdate, X509Certificate... revoked) {
    try {
      var now = Date.from(Instant.now());
      var keyIds = new JcaX509ExtensionUtils();
      var builder = new JcaX509v2CRLBuilder(certificate.getSubjectX500Principal(), now);
      builder.addExtension(
          Extension.authorityKeyIdentifier,
          false,
          keyIds.createAuthorityKeyIdentifier(keys.getPublic()));
      builder.setNextUpdate(Date.from(nextUpdate));
      for (var one : revoked) {
        builder.addCRLEntry(one.getSerialNumber(), now, 0);
      }
      var signer = new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate());
      var text = new StringWriter();
      try (var pem = new JcaPEMWriter(text)) {
        pem.writeObject(builder.build(signer));
      }
      return text.toString();
    } catch (GeneralSecurityException | OperatorCreationException | IOException e) {
      throw new IllegalStateException(e);
    }
  }

  public String name() {
    return name;
  }

  /// A certificate of `spiffe://<trustDomain>/ns/<namespace>/sa/<serviceAccount>` that trusts this
  /// root.
  public WorkloadCertificate workload(String trustDomain, String namespace, String account) {
    return leaf().uri(SpiffeId.of(trustDomain, namespace, account).uri()).issue(certificate);
  }

  /// In `cluster.local`.
  public WorkloadCertificate workload(String namespace, String account) {
    return workload("cluster.local", namespace, account);
  }

  public Leaf leaf() {
    return new Leaf(this);
  }

  public static KeyPair newKeys() {
    try {
      var generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"));
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static X509Certificate authority(
      X500Principal subject, KeyPair subjectKeys, X500Principal issuer, PrivateKey issuerKey) {
    try {
      var now = Instant.now();
      var builder =
          new JcaX509v3CertificateBuilder(
                  issuer,
                  BigInteger.valueOf(SERIAL.incrementAndGet()),
                  Date.from(now.minus(Duration.ofHours(1))),
                  Date.from(now.plus(Duration.ofDays(1))),
                  subject,
                  subjectKeys.getPublic())
              .addExtension(Extension.basicConstraints, true, new BasicConstraints(true))
              .addExtension(
                  Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
      return sign(builder, issuerKey);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static X509Certificate sign(X509v3CertificateBuilder builder, PrivateKey key) {
    return sign(builder, key, new JcaX509CertificateConverter());
  }

  private static X509Certificate sign(
      X509v3CertificateBuilder builder, PrivateKey key, JcaX509CertificateConverter converter) {
    try {
      var signer = new JcaContentSignerBuilder("SHA256withECDSA").build(key);
      return converter.getCertificate(builder.build(signer));
    } catch (GeneralSecurityException | OperatorCreationException e) {
      throw new IllegalStateException(e);
    }
  }

  /// A leaf with whatever a test wants to be wrong with it.
  public static final class Leaf {
    private final TestCa ca;
    private final List<GeneralName> names = new ArrayList<>();
    private Instant notBefore = Instant.now().minus(Duration.ofMinutes(5));
    private Instant notAfter = Instant.now().plus(Duration.ofHours(1));
    private List<KeyPurposeId> purposes =
        List.of(KeyPurposeId.id_kp_serverAuth, KeyPurposeId.id_kp_clientAuth);
    private boolean criticalNames = true;
    private String subject = "";

    private Leaf(TestCa ca) {
      this.ca = ca;
    }

    public Leaf uri(String uri) {
      names.add(new GeneralName(GeneralName.uniformResourceIdentifier, uri));
      return this;
    }

    public Leaf dns(String name) {
      names.add(new GeneralName(GeneralName.dNSName, name));
      return this;
    }

    public Leaf valid(Instant from, Instant to) {
      notBefore = from;
      notAfter = to;
      return this;
    }

    public Leaf purposes(KeyPurposeId... only) {
      purposes = List.of(only);
      return this;
    }

    /// A name besides, which nobody looks at.
    public Leaf subject(String name) {
      subject = name;
      return this;
    }

    public Leaf namesNotCritical() {
      criticalNames = false;
      return this;
    }

    /// Trusting these roots.
    public WorkloadCertificate issue(X509Certificate... roots) {
      var leafKeys = newKeys();
      var chain = new ArrayList<X509Certificate>();
      chain.add(certificate(leafKeys));
      chain.addAll(ca.above);
      return new WorkloadCertificate(leafKeys.getPrivate(), chain, List.of(roots));
    }

    /// The bare certificate of these keys.
    public X509Certificate certificate(KeyPair leafKeys) {
      try {
        var builder =
            new JcaX509v3CertificateBuilder(
                ca.certificate.getSubjectX500Principal(),
                BigInteger.valueOf(SERIAL.incrementAndGet()),
                Date.from(notBefore),
                Date.from(notAfter),
                new X500Principal(subject),
                leafKeys.getPublic());
        if (!names.isEmpty()) {
          builder.addExtension(
              Extension.subjectAlternativeName,
              criticalNames,
              new GeneralNames(names.toArray(GeneralName[]::new)));
        }
        builder.addExtension(
            Extension.keyUsage,
            true,
            new KeyUsage(KeyUsage.digitalSignature | KeyUsage.keyEncipherment));
        if (!purposes.isEmpty()) {
          builder.addExtension(
              Extension.extendedKeyUsage,
              false,
              new ExtendedKeyUsage(purposes.toArray(KeyPurposeId[]::new)));
        }
        builder.addExtension(
            Extension.authorityKeyIdentifier,
            false,
            new JcaX509ExtensionUtils().createAuthorityKeyIdentifier(ca.keys.getPublic()));
        // the JDK's parser refuses an empty subject with names that are not critical
        var converter = new JcaX509CertificateConverter();
        return sign(
            builder,
            ca.keys.getPrivate(),
            criticalNames ? converter : converter.setProvider(new BouncyCastleProvider()));
      } catch (IOException | NoSuchAlgorithmException e) {
        throw new IllegalStateException(e);
      }
    }
  }
}
