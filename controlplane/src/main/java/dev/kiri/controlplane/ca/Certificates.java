package dev.kiri.controlplane.ca;

import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/// How certificates are made: of a root by itself, and of leaves by a root. Random serials, valid
/// from two minutes ago. Pure but for the serials.
final class Certificates {
  static final String SIGNATURE = "SHA256withECDSA";
  private static final Duration BACKDATED = Duration.ofMinutes(2);

  private Certificates() {}

  /// A leaf: empty subject, the names given, usable by server and client, never longer valid than
  /// the root.
  static X509Certificate leaf(
      KeyPair rootKeys,
      X509Certificate root,
      PublicKey key,
      GeneralNames names,
      Instant now,
      Duration lifetime)
      throws GeneralSecurityException {
    Instant until = now.plus(lifetime);
    Instant rootEnd = root.getNotAfter().toInstant();
    try {
      JcaX509v3CertificateBuilder builder =
          new JcaX509v3CertificateBuilder(
              X500Name.getInstance(root.getSubjectX500Principal().getEncoded()),
              serial(),
              Date.from(now.minus(BACKDATED)),
              Date.from(until.isBefore(rootEnd) ? until : rootEnd),
              new X500Name(new org.bouncycastle.asn1.x500.RDN[0]),
              key);
      JcaX509ExtensionUtils identifiers = new JcaX509ExtensionUtils();
      add(
          builder,
          Extension.keyUsage,
          true,
          new KeyUsage(KeyUsage.digitalSignature | KeyUsage.keyEncipherment));
      add(
          builder,
          Extension.extendedKeyUsage,
          false,
          new ExtendedKeyUsage(
              new KeyPurposeId[] {KeyPurposeId.id_kp_serverAuth, KeyPurposeId.id_kp_clientAuth}));
      add(builder, Extension.basicConstraints, true, new BasicConstraints(false));
      add(
          builder,
          Extension.authorityKeyIdentifier,
          false,
          identifiers.createAuthorityKeyIdentifier(rootKeys.getPublic()));
      // critical because the subject is empty (RFC 5280 4.2.1.6)
      add(builder, Extension.subjectAlternativeName, true, names);
      return finish(builder, rootKeys.getPrivate());
    } catch (IOException e) {
      throw new GeneralSecurityException("making a certificate", e);
    }
  }

  /// A root that signs itself, for [RootAuthority#LIFETIME].
  static X509Certificate root(KeyPair keys, String organization, Instant now) throws IOException {
    X500Name name =
        new org.bouncycastle.asn1.x500.X500NameBuilder()
            .addRDN(org.bouncycastle.asn1.x500.style.BCStyle.O, organization)
            .build();
    try {
      JcaX509v3CertificateBuilder builder =
          new JcaX509v3CertificateBuilder(
              name,
              serial(),
              Date.from(now.minus(BACKDATED)),
              Date.from(now.plus(RootAuthority.LIFETIME)),
              name,
              keys.getPublic());
      JcaX509ExtensionUtils identifiers = new JcaX509ExtensionUtils();
      add(builder, Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
      add(builder, Extension.basicConstraints, true, new BasicConstraints(true));
      add(
          builder,
          Extension.subjectKeyIdentifier,
          false,
          identifiers.createSubjectKeyIdentifier(keys.getPublic()));
      return finish(builder, keys.getPrivate());
    } catch (GeneralSecurityException e) {
      throw new IOException("making a root certificate", e);
    }
  }

  private static void add(
      JcaX509v3CertificateBuilder to,
      org.bouncycastle.asn1.ASN1ObjectIdentifier id,
      boolean critical,
      ASN1Encodable value)
      throws IOException {
    to.addExtension(id, critical, value);
  }

  private static X509Certificate finish(JcaX509v3CertificateBuilder builder, PrivateKey key)
      throws GeneralSecurityException {
    try {
      var signer = new JcaContentSignerBuilder(SIGNATURE).build(key);
      return new JcaX509CertificateConverter().getCertificate(builder.build(signer));
    } catch (OperatorCreationException e) {
      throw new GeneralSecurityException("signing", e);
    }
  }

  private static BigInteger serial() {
    return new BigInteger(127, new SecureRandom()).add(BigInteger.ONE);
  }
}
