package dev.kiri.controlplane;

import static dev.kiri.controlplane.Manifests.account;
import static dev.kiri.controlplane.Manifests.all;
import static dev.kiri.controlplane.Manifests.namespace;
import static dev.kiri.controlplane.Manifests.pod;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import dev.kiri.controlplane.ca.FolderRoot;
import dev.kiri.controlplane.ca.RootAuthority;
import dev.kiri.hbone.identity.CertificateIdentities;
import dev.kiri.mesh.proto.auth.IstioCertificateRequest;
import dev.kiri.mesh.proto.auth.IstioCertificateResponse;
import dev.kiri.mesh.proto.auth.IstioCertificateServiceGrpc;
import io.grpc.CallCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.TlsChannelCredentials;
import io.grpc.netty.NettyChannelBuilder;
import java.io.ByteArrayInputStream;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executor;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Certificates over gRPC with TLS: who gets one, for whom, and how the others are refused.
class CertificatesTest {
  private static final String OBJECTS =
      all(
          namespace("shop", ""),
          account("shop", "web"),
          account("shop", "db"),
          account("istio-system", "ztunnel"),
          pod("shop", "web-0", "web", "node-1", "10.0.0.1", ""),
          pod("shop", "db-0", "db", "node-2", "10.0.0.2", ""),
          pod("istio-system", "zt-1", "ztunnel", "node-1", "10.0.0.3", ""));

  @TempDir Path folder;
  private TestPlane plane;
  private ManagedChannel channel;

  @BeforeEach
  void start() throws Exception {
    plane = new TestPlane(folder, OBJECTS);
    channel = channel(plane.plane.rootPem());
  }

  /// Roots may have one name: gRPC's own reading of PEM keeps only one of each.
  private static TrustManager[] trusting(String roots) throws Exception {
    KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
    store.load(null, null);
    int number = 0;
    for (var root :
        CertificateFactory.getInstance("X.509")
            .generateCertificates(
                new ByteArrayInputStream(roots.getBytes(StandardCharsets.UTF_8)))) {
      store.setCertificateEntry("root-" + number++, root);
    }
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(store);
    return factory.getTrustManagers();
  }

  private ManagedChannel channel(String roots) throws Exception {
    return NettyChannelBuilder.forAddress(
            "127.0.0.1",
            plane.plane.securePort(),
            TlsChannelCredentials.newBuilder().trustManager(trusting(roots)).build())
        .overrideAuthority("istiod.istio-system.svc")
        .build();
  }

  @AfterEach
  void stop() {
    channel.shutdownNow();
    plane.close();
  }

  private IstioCertificateResponse ask(String token, String csr, String identity, long seconds) {
    IstioCertificateRequest.Builder request =
        IstioCertificateRequest.newBuilder().setCsr(csr).setValidityDuration(seconds);
    if (!identity.isEmpty()) {
      request.setMetadata(
          Struct.newBuilder()
              .putFields(
                  "ImpersonatedIdentity", Value.newBuilder().setStringValue(identity).build()));
    }
    return IstioCertificateServiceGrpc.newBlockingStub(channel)
        .withCallCredentials(new Bearer(token))
        .createCertificate(request.build());
  }

  private Status refusal(String token, String csr, String identity, long seconds) {
    return catchThrowableOfType(
            StatusRuntimeException.class, () -> ask(token, csr, identity, seconds))
        .getStatus();
  }

  private String ztunnel() {
    return plane.token("istio-system", "ztunnel", "zt-1", "uid-zt-1");
  }

  private static String csr() throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(256);
    return csr(generator.generateKeyPair(), null);
  }

  private static String csr(KeyPair pair, KeyPair signer) throws Exception {
    var request =
        new JcaPKCS10CertificationRequestBuilder(new X500Name("CN=evil"), pair.getPublic())
            .build(
                new JcaContentSignerBuilder("SHA256withECDSA")
                    .build((signer == null ? pair : signer).getPrivate()));
    StringWriter text = new StringWriter();
    try (JcaPEMWriter out = new JcaPEMWriter(text)) {
      out.writeObject(request);
    }
    return text.toString();
  }

  private static X509Certificate certificate(String pem) throws Exception {
    return (X509Certificate)
        CertificateFactory.getInstance("X.509")
            .generateCertificate(new ByteArrayInputStream(pem.getBytes(StandardCharsets.UTF_8)));
  }

  @Test
  void a_workload_gets_a_certificate_for_what_its_token_proves() throws Exception {
    var chain =
        ask(plane.token("shop", "web", "web-0", "uid-web-0"), csr(), "", 3600).getCertChainList();

    X509Certificate leaf = certificate(chain.getFirst());
    X509Certificate root = certificate(chain.getLast());
    leaf.verify(root.getPublicKey());
    assertThat(CertificateIdentities.of(leaf).uris())
        .containsExactly("spiffe://cluster.local/ns/shop/sa/web");
    assertThat(leaf.getSubjectX500Principal().getName()).isEmpty();
    assertThat(leaf.getBasicConstraints()).isEqualTo(-1);
    assertThat(leaf.getCriticalExtensionOIDs()).contains("2.5.29.17");
    assertThat(leaf.getExtendedKeyUsage()).hasSize(2);
    Duration life =
        Duration.between(leaf.getNotBefore().toInstant(), leaf.getNotAfter().toInstant());
    assertThat(life).isEqualTo(Duration.ofHours(1).plusMinutes(2));
    assertThat(root.getBasicConstraints()).isPositive();
  }

  @Test
  void a_node_proxy_gets_certificates_for_the_pods_on_its_node_only() throws Exception {
    var chain =
        ask(ztunnel(), csr(), "spiffe://cluster.local/ns/shop/sa/web", 0).getCertChainList();
    assertThat(CertificateIdentities.of(certificate(chain.getFirst())).uris())
        .containsExactly("spiffe://cluster.local/ns/shop/sa/web");

    for (String identity :
        new String[] {
          "spiffe://cluster.local/ns/shop/sa/db",
          "spiffe://cluster.local/ns/shop/sa/nobody",
          "spiffe://other.example/ns/shop/sa/web",
          "spiffe://cluster.local/ns/shop",
          "shop/web"
        }) {
      Status status = refusal(ztunnel(), csr(), identity, 0);
      assertThat(status.getCode()).isEqualTo(Status.Code.UNAUTHENTICATED);
      assertThat(status.getDescription()).isEqualTo("request impersonation authentication failure");
    }
  }

  @Test
  void only_trusted_accounts_in_their_own_pod_act_for_others() throws Exception {
    String web = "spiffe://cluster.local/ns/shop/sa/web";

    assertThat(
            refusal(plane.token("shop", "db", "db-0", "uid-db-0"), csr(), web, 0).getDescription())
        .isEqualTo("request impersonation authentication failure");
    assertThat(
            refusal(plane.token("istio-system", "ztunnel", "zt-1", "old"), csr(), web, 0).getCode())
        .isEqualTo(Status.Code.UNAUTHENTICATED);
    assertThat(
            refusal(plane.token("istio-system", "ztunnel", "gone", "uid"), csr(), web, 0).getCode())
        .isEqualTo(Status.Code.UNAUTHENTICATED);
  }

  @Test
  void a_token_that_proves_nothing_is_refused_without_saying_why() throws Exception {
    String[] tokens = {
      "",
      "rubbish",
      plane.token(
          "shop", "web", "web-0", "u", "https://evil.example", "istio-ca", Duration.ofHours(1)),
      plane.token("shop", "web", "web-0", "u", TestPlane.ISSUER, "other", Duration.ofHours(1)),
      plane.token("shop", "web", "web-0", "u", TestPlane.ISSUER, "istio-ca", Duration.ofHours(-1)),
      plane.token("shop:x", "web", "web-0", "u")
    };
    for (String token : tokens) {
      Status status = refusal(token, csr(), "", 0);
      assertThat(status.getCode()).isEqualTo(Status.Code.UNAUTHENTICATED);
      assertThat(status.getDescription()).isEqualTo("request authenticate failure");
    }
    TestPlane.Issuer stranger =
        new TestPlane.Issuer(new ECKeyGenerator(Curve.P_256).keyID("one").generate());
    assertThat(refusal(stranger.token("shop", "web", "web-0", "u"), csr(), "", 0).getDescription())
        .isEqualTo("request authenticate failure");
  }

  @Test
  void a_request_that_is_wrong_is_refused_with_its_error() throws Exception {
    String token = plane.token("shop", "web", "web-0", "uid-web-0");
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(256);
    String stolen = csr(generator.generateKeyPair(), generator.generateKeyPair());

    assertThat(refusal(token, "rubbish", "", 0).getDescription())
        .isEqualTo("CSR signing error (certificate signing request is not properly encoded)");
    assertThat(refusal(token, stolen, "", 0).getDescription())
        .isEqualTo("CSR signing error (certificate signing request is not signed by its own key)");
    assertThat(refusal(token, csr(), "", 7776001).getDescription())
        .isEqualTo(
            "CSR signing error (requested TTL 7776001s is greater than the max allowed TTL"
                + " 7776000s)");
  }

  @Test
  void the_root_stays_the_same_over_a_restart_and_its_key_is_private() throws Exception {
    String before = plane.plane.rootPem();
    Path key = folder.resolve("state/ca-key.pem");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(key)))
        .isEqualTo("rw-------");

    plane.restart();

    assertThat(plane.plane.rootPem()).isEqualTo(before);
  }

  @Test
  void proxies_trust_the_further_roots_of_the_meshs_configuration() throws Exception {
    String other =
        RootAuthority.openOrCreate(
                new FolderRoot(folder.resolve("other")), "other.example", Clock.systemUTC())
            .pem();
    String own = plane.plane.rootPem();

    plane.write(
        "mesh.yaml",
        """
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: istio, namespace: istio-system}
        data:
          mesh: |
            caCertificates:
            - pem: |
        """
            + other.indent(10));

    await().until(() -> plane.plane.rootPem().equals(own + other));
    var chain =
        ask(plane.token("shop", "web", "web-0", "uid-web-0"), csr(), "", 3600).getCertChainList();
    assertThat(chain.getLast()).isEqualTo(own + other);
    await()
        .untilAsserted(
            () ->
                assertThat(plane.text("objects/configmap/shop/istio-ca-root-cert.yaml"))
                    .contains(other.lines().toList().get(1)));
  }

  @Test
  void another_root_takes_over_while_proxies_of_both_trust_each_other() throws Exception {
    Path other = folder.resolve("other");
    String fresh =
        RootAuthority.openOrCreate(new FolderRoot(other), "cluster.local", Clock.systemUTC()).pem();
    String old = plane.plane.rootPem();
    String token = plane.token("shop", "web", "web-0", "uid-web-0");
    var before = ask(token, csr(), "", 3600).getCertChainList();
    for (String file : List.of("ca-key.pem", "ca-cert.pem")) {
      Files.copy(
          other.resolve(file),
          folder.resolve("state").resolve(file),
          StandardCopyOption.REPLACE_EXISTING);
    }

    plane.plane.followRoot();
    assertThat(plane.plane.rootPem()).as("a root that nobody trusts is not taken").isEqualTo(old);

    plane.write(
        "mesh.yaml",
        "{apiVersion: v1, kind: ConfigMap, metadata: {name: istio, namespace: istio-system}, data:"
            + " {mesh: '{caCertificates: [{pem: \""
            + fresh.replace("\n", "\\n")
            + "\"}]}'}}");
    await().until(() -> plane.plane.rootPem().equals(old + fresh));
    var between = ask(token, csr(), "", 3600).getCertChainList();
    assertSigned(between.getFirst(), old);
    assertThat(between.getLast()).isEqualTo(old + fresh);

    plane.plane.followRoot();
    var after = ask(token, csr(), "", 3600).getCertChainList();
    assertSigned(after.getFirst(), fresh);
    assertThat(after.getLast()).isEqualTo(fresh + old);
    for (var mine : List.of(between, after)) {
      for (var theirs : List.of(before, between, after)) {
        ((X509TrustManager) trusting(mine.getLast())[0])
            .checkClientTrusted(
                new X509Certificate[] {certificate(theirs.getFirst())}, "ECDHE_ECDSA");
      }
    }
    // a client that comes anew with both roots trusts what the control plane itself serves
    channel.shutdownNow();
    channel = channel(after.getLast());
    assertSigned(ask(token, csr(), "", 3600).getCertChainList().getFirst(), fresh);
  }

  private static void assertSigned(String leaf, String root) throws Exception {
    certificate(leaf).verify(certificate(root).getPublicKey());
  }

  private static final class Bearer extends CallCredentials {
    private final String token;

    Bearer(String token) {
      this.token = token;
    }

    @Override
    public void applyRequestMetadata(RequestInfo info, Executor executor, MetadataApplier applier) {
      Metadata headers = new Metadata();
      if (!token.isEmpty()) {
        headers.put(
            Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), "Bearer " + token);
      }
      applier.apply(headers);
    }
  }
}
