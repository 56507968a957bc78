package dev.kiri.waypoint.upstream;

import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Objects;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/// TLS that the waypoint begins with an endpoint (waypoint reference 15.1): which name it asks for,
/// whom it believes, and what it shows itself. Equal by its rules, so that connections outlive a
/// change of something else. Immutable, thread-safe.
///
/// The JDK's engine: unlike that of Netty's BoringSSL it lets one direction end before the other.
public final class EndpointTls {
  private static final String[] VERSIONS = {"TLSv1.3", "TLSv1.2"};
  private static final String[] HTTP_2 = {"h2"};
  private static final String[] HTTP_1 = {"http/1.1"};
  private static final String[] NONE = {};

  /// What is spoken inside, offered by ALPN.
  public enum Inside {
    HTTP_1,
    HTTP_2,
    BYTES
  }

  /// @param serverName empty: the host that the request is for
  /// @param names one of which the certificate must have, DNS name or URI; none: the server's name
  /// @param verify false: any certificate will do
  /// @param roots null: those of the system
  /// @param own null: without a certificate of ours
  public record Rules(
      String serverName,
      List<String> names,
      boolean verify,
      @Nullable List<X509Certificate> roots,
      @Nullable Own own) {}

  /// Our certificate, the leaf first, and its key.
  public record Own(PrivateKey key, List<X509Certificate> chain) {}

  private final Rules rules;
  private final SSLContext context;

  /// Throws [IllegalArgumentException] if key and certificate cannot be used.
  public EndpointTls(Rules rules) {
    this.rules = rules;
    try {
      context = SSLContext.getInstance("TLS");
      context.init(keys(rules.own()), new TrustManager[] {trust(rules)}, null);
    } catch (GeneralSecurityException | java.io.IOException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }

  private static KeyManager @Nullable [] keys(@Nullable Own own)
      throws GeneralSecurityException, java.io.IOException {
    if (own == null) {
      return null;
    }
    KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
    store.load(null, null);
    store.setKeyEntry("own", own.key(), new char[0], own.chain().toArray(X509Certificate[]::new));
    KeyManagerFactory factory =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    factory.init(store, new char[0]);
    return factory.getKeyManagers();
  }

  private static TrustManager trust(Rules rules)
      throws GeneralSecurityException, java.io.IOException {
    if (!rules.verify()) {
      return new Trusting(null, List.of());
    }
    KeyStore store = null;
    List<X509Certificate> roots = rules.roots();
    if (roots != null) {
      store = KeyStore.getInstance(KeyStore.getDefaultType());
      store.load(null, null);
      for (int i = 0; i < roots.size(); i++) {
        store.setCertificateEntry("root-" + i, roots.get(i));
      }
    }
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(store);
    return new Trusting((X509ExtendedTrustManager) factory.getTrustManagers()[0], rules.names());
  }

  public Rules rules() {
    return rules;
  }

  /// @param host what is asked for where the rules name nothing: a name or an address
  SSLEngine engine(String host, Inside inside) {
    String name = rules.serverName().isEmpty() ? host : rules.serverName();
    SSLEngine engine = context.createSSLEngine(name, -1);
    engine.setUseClientMode(true);
    SSLParameters parameters = engine.getSSLParameters();
    parameters.setProtocols(VERSIONS.clone());
    parameters.setApplicationProtocols(
        switch (inside) {
          case HTTP_1 -> HTTP_1.clone();
          case HTTP_2 -> HTTP_2.clone();
          case BYTES -> NONE.clone();
        });
    parameters.setServerNames(sni(name));
    if (rules.verify() && rules.names().isEmpty()) {
      parameters.setEndpointIdentificationAlgorithm("HTTPS");
    }
    engine.setSSLParameters(parameters);
    return engine;
  }

  /// An address is no server name (RFC 6066 3).
  private static List<javax.net.ssl.SNIServerName> sni(String name) {
    if (io.netty.util.NetUtil.isValidIpV4Address(name)
        || io.netty.util.NetUtil.isValidIpV6Address(name)) {
      return List.of();
    }
    try {
      return List.of(new SNIHostName(name));
    } catch (IllegalArgumentException noName) {
      return List.of();
    }
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof EndpointTls tls && tls.rules.equals(rules);
  }

  @Override
  public int hashCode() {
    return Objects.hash(rules.serverName(), rules.names(), rules.verify());
  }

  /// Chains that lead to the roots, with one of the names if there are any.
  private static final class Trusting extends X509ExtendedTrustManager {
    private static final int DNS = 2;
    private static final int URI = 6;

    private final @Nullable X509ExtendedTrustManager chains;
    private final List<String> names;

    Trusting(@Nullable X509ExtendedTrustManager chains, List<String> names) {
      this.chains = chains;
      this.names = names;
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
        throws CertificateException {
      if (chains == null) {
        return;
      }
      chains.checkServerTrusted(chain, type, engine);
      if (!names.isEmpty() && !named(chain[0])) {
        throw new CertificateException("none of the names " + names + " is in the certificate");
      }
    }

    private boolean named(X509Certificate leaf) throws CertificateException {
      var alternatives = leaf.getSubjectAlternativeNames();
      if (alternatives == null) {
        return false;
      }
      for (List<?> alternative : alternatives) {
        int type = (Integer) alternative.get(0);
        if (type == DNS || type == URI) {
          String has = (String) alternative.get(1);
          if (names.stream().anyMatch(n -> type == URI ? has.equals(n) : covers(has, n))) {
            return true;
          }
        }
      }
      return false;
    }

    /// A certificate's `*.` stands for one label (RFC 9525 6.3).
    private static boolean covers(String has, String name) {
      int dot = name.indexOf('.');
      return has.equalsIgnoreCase(name)
          || (has.startsWith("*.")
              && dot > 0
              && has.substring(1).equalsIgnoreCase(name.substring(dot)));
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
        throws CertificateException {
      throw new CertificateException("only engines are used");
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type)
        throws CertificateException {
      throw new CertificateException("only engines are used");
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket)
        throws CertificateException {
      throw new CertificateException("clients are not verified here");
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine)
        throws CertificateException {
      throw new CertificateException("clients are not verified here");
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type)
        throws CertificateException {
      throw new CertificateException("clients are not verified here");
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
