package dev.kiri.mesh.grpc;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/// Accepts a server whose chain ends in one of the roots and whose certificate names the host, or
/// the alternative to it.
///
/// It does the check of the name itself, because the engine's knows one name only.
final class ServerTrust extends X509ExtendedTrustManager {
  private final X509TrustManager chains;
  private final List<String> names;

  private ServerTrust(X509TrustManager chains, List<String> names) {
    this.chains = chains;
    this.names = names;
  }

  static ServerTrust of(ControlPlaneEndpoint endpoint) throws IOException {
    var names = new ArrayList<String>();
    names.add(endpoint.host());
    if (endpoint.alternativeName() != null) {
      names.add(endpoint.alternativeName());
    }
    return new ServerTrust(chains(endpoint.roots()), names);
  }

  private static X509TrustManager chains(RootSource roots) throws IOException {
    try {
      var factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      factory.init(keyStore(roots));
      for (TrustManager manager : factory.getTrustManagers()) {
        if (manager instanceof X509TrustManager chains) {
          return chains;
        }
      }
      throw new IOException("no X.509 trust manager in this Java runtime");
    } catch (GeneralSecurityException broken) {
      throw new IOException("root certificates " + roots + " cannot be used", broken);
    }
  }

  private static @Nullable KeyStore keyStore(RootSource roots)
      throws IOException, GeneralSecurityException {
    if (roots instanceof RootSource.OperatingSystem) {
      return null;
    }
    var certificates =
        CertificateFactory.getInstance("X.509")
            .generateCertificates(new ByteArrayInputStream(roots.read()));
    if (certificates.isEmpty()) {
      throw new IOException("no certificate in " + roots);
    }
    var store = KeyStore.getInstance(KeyStore.getDefaultType());
    store.load(null, null);
    int next = 0;
    for (var certificate : certificates) {
      store.setCertificateEntry("root-" + next++, certificate);
    }
    return store;
  }

  private void check(X509Certificate[] chain, String authType) throws CertificateException {
    chains.checkServerTrusted(chain, authType);
    for (String name : names) {
      if (ServerNames.of(chain[0]).include(name)) {
        return;
      }
    }
    throw new CertificateException(
        "server certificate is for "
            + ServerNames.of(chain[0])
            + ", expected "
            + String.join(" or ", names));
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType)
      throws CertificateException {
    check(chain, authType);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
      throws CertificateException {
    check(chain, authType);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
      throws CertificateException {
    check(chain, authType);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType)
      throws CertificateException {
    throw new CertificateException("this side has no clients");
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
      throws CertificateException {
    checkClientTrusted(chain, authType);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
      throws CertificateException {
    checkClientTrusted(chain, authType);
  }

  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return chains.getAcceptedIssuers();
  }
}
