package dev.kiri.controlplane.ca;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;

/// A self-signed root with its key, kept in a [RootStore]. In the last fifth of its life the
/// certificate is made anew with the same key, as upstream does, so that certificates in use stay
/// valid. Another root in the store is taken at run time, once proxies trust it. Thread-safe.
public final class RootAuthority {
  static final Duration LIFETIME = Duration.ofDays(3650);

  private final RootStore store;
  private final String organization;
  private final Clock clock;
  private RootStore.Kept kept;
  private volatile Signer signer;
  private volatile List<X509Certificate> previous = List.of();
  private volatile List<String> further = List.of();

  private RootAuthority(
      RootStore store, String organization, Clock clock, KeyPair keys, RootStore.Kept kept)
      throws IOException, GeneralSecurityException {
    this.store = store;
    this.organization = organization;
    this.clock = clock;
    this.kept = kept;
    this.signer = new Signer(keys, certificate(kept));
  }

  /// A root certificate and its keys.
  private record Signer(KeyPair keys, X509Certificate certificate) {}

  /// What became of another root in the store.
  public sealed interface Followed {
    /// The store has what is in use.
    record Same() implements Followed {}

    /// The other root signs from now on; the one before stays trusted.
    record Taken() implements Followed {}

    /// The root in use stays.
    record NotTaken(String why) implements Followed {}
  }

  /// Opens the root in a store, or makes one where there is none.
  public static RootAuthority openOrCreate(RootStore store, String organization, Clock clock)
      throws IOException {
    try {
      RootStore.Kept kept = store.read();
      if (kept == null) {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        KeyPair fresh = generator.generateKeyPair();
        kept =
            store.create(
                new RootStore.Kept(
                    Pem.write(new JcaPKCS8Generator(fresh.getPrivate(), null)),
                    Pem.write(Certificates.root(fresh, organization, clock.instant()))));
      }
      return new RootAuthority(store, organization, clock, keys(kept, store), kept);
    } catch (GeneralSecurityException e) {
      throw new IOException("the root in " + store + ": " + e.getMessage(), e);
    }
  }

  private static X509Certificate certificate(RootStore.Kept kept)
      throws IOException, GeneralSecurityException {
    if (!(Pem.read(kept.certificatePem()) instanceof X509CertificateHolder holder)) {
      throw new IOException("no certificate beside the root key");
    }
    return new JcaX509CertificateConverter().getCertificate(holder);
  }

  private static KeyPair keys(RootStore.Kept kept, RootStore store)
      throws IOException, GeneralSecurityException {
    if (!(Pem.read(kept.keyPem()) instanceof PrivateKeyInfo info)) {
      throw new IOException("no private key in " + store);
    }
    KeyPair keys =
        new KeyPair(certificate(kept).getPublicKey(), new JcaPEMKeyConverter().getPrivateKey(info));
    if (!belongTogether(keys)) {
      throw new IOException("key and certificate in " + store + " do not belong together");
    }
    return keys;
  }

  /// Takes the root that has been put into the store in the place of the one in use, if proxies
  /// trust it by now: it must be among those of [#trust]. Certificates of the root before stay
  /// good, as proxies go on to be told of it until this process ends.
  public synchronized Followed follow() throws IOException {
    RootStore.Kept now = store.read();
    if (now == null || now.equals(kept)) {
      return new Followed.Same();
    }
    try {
      KeyPair keys = keys(now, store);
      X509Certificate root = certificate(now);
      if (!keys.getPublic().equals(signer.keys().getPublic())
          && !further.contains(Pem.write(root))) {
        return new Followed.NotTaken(
            "the root in "
                + store
                + " is another one, which proxies do not trust yet; put its certificate into"
                + " caCertificates of the mesh's configuration first");
      }
      if (!isAuthority(root)) {
        return new Followed.NotTaken("the certificate in " + store + " is none of an authority");
      }
      List<X509Certificate> before = new ArrayList<>(previous);
      before.add(signer.certificate());
      before.removeIf(each -> each.equals(root));
      previous = List.copyOf(before);
      signer = new Signer(keys, root);
      kept = now;
      return new Followed.Taken();
    } catch (GeneralSecurityException e) {
      throw new IOException("the root in " + store + ": " + e.getMessage(), e);
    }
  }

  private static boolean isAuthority(X509Certificate certificate) {
    return certificate.getBasicConstraints() >= 0;
  }

  private static boolean belongTogether(KeyPair keys) throws GeneralSecurityException {
    byte[] probe = {1, 2, 3};
    Signature signature = Signature.getInstance(Certificates.SIGNATURE);
    signature.initSign(keys.getPrivate());
    signature.update(probe);
    byte[] signed = signature.sign();
    signature.initVerify(keys.getPublic());
    signature.update(probe);
    return signature.verify(signed);
  }

  /// The root certificate.
  public X509Certificate certificate() {
    return signer.certificate();
  }

  /// The root certificate and those before it, whose certificates are still about.
  public X509Certificate[] own() {
    List<X509Certificate> all = new ArrayList<>(List.of(signer.certificate()));
    all.addAll(previous);
    return all.toArray(X509Certificate[]::new);
  }

  /// What proxies have to trust, as PEM: the root certificate, and further ones behind it.
  public String pem() {
    Set<String> all = new LinkedHashSet<>();
    for (X509Certificate root : own()) {
      all.add(Pem.write(root));
    }
    all.addAll(further);
    return String.join("", all);
  }

  /// Has proxies trust further roots. Returns whether that is something new.
  public synchronized boolean trust(List<String> pems) {
    boolean changed = !pems.equals(further);
    further = List.copyOf(pems);
    return changed;
  }

  /// Makes the certificate anew where it is in the last fifth of its life, or takes the one that
  /// another control plane has made by then. Returns whether there is a new one.
  public synchronized boolean renewIfDue() throws IOException {
    KeyPair keys = signer.keys();
    X509Certificate certificate = signer.certificate();
    Instant from = certificate.getNotBefore().toInstant();
    Instant until = certificate.getNotAfter().toInstant();
    Instant due = until.minus(Duration.between(from, until).dividedBy(5));
    if (clock.instant().isBefore(due)) {
      return false;
    }
    try {
      String renewed = Pem.write(Certificates.root(keys, organization, clock.instant()));
      RootStore.Kept now = store.replace(kept, new RootStore.Kept(kept.keyPem(), renewed));
      X509Certificate theirs = certificate(now);
      if (!theirs.getPublicKey().equals(keys.getPublic())) {
        throw new IOException("another key has appeared in " + store);
      }
      kept = now;
      signer = new Signer(keys, theirs);
      return true;
    } catch (GeneralSecurityException e) {
      throw new IOException("the root in " + store + ": " + e.getMessage(), e);
    }
  }

  /// Signs a leaf: random serial, empty subject, the names given, usable by
  /// server and client; valid from two minutes ago, never longer than the root.
  X509Certificate sign(PublicKey key, GeneralNames names, Duration lifetime)
      throws GeneralSecurityException {
    Signer signing = signer;
    Instant now = clock.instant();
    Instant rootEnd = signing.certificate().getNotAfter().toInstant();
    if (!now.isBefore(rootEnd)) {
      throw new GeneralSecurityException("the root certificate expired at " + rootEnd);
    }
    return Certificates.leaf(signing.keys(), signing.certificate(), key, names, now, lifetime);
  }
}
