package dev.kiri.controlplane.kubernetes;

import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import io.fabric8.kubernetes.client.ConfigBuilder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/// etcd and kube-apiserver on loopback, by the convention of envtest: binaries in the folder that
/// `KUBEBUILDER_ASSETS` names. Without admission of ServiceAccounts, as there are no controllers.
final class RealApiServer implements AutoCloseable {
  static final String ASSETS = "KUBEBUILDER_ASSETS";

  private static final String ADMIN = "admin-token";

  private final Path folder;
  private final Deque<Process> processes = new ArrayDeque<>();
  private final int port = freePort();

  RealApiServer(Path assets, Path folder) throws Exception {
    this.folder = folder;
    int client = freePort();
    int peer = freePort();
    String etcd = "http://127.0.0.1:" + client;
    start(
        "etcd",
        assets.resolve("etcd").toString(),
        "--data-dir=" + folder.resolve("etcd"),
        "--unsafe-no-fsync",
        "--listen-client-urls=" + etcd,
        "--advertise-client-urls=" + etcd,
        "--listen-peer-urls=http://127.0.0.1:" + peer,
        "--initial-advertise-peer-urls=http://127.0.0.1:" + peer,
        "--initial-cluster=default=http://127.0.0.1:" + peer);
    RSAKey key = new RSAKeyGenerator(2048).generate();
    Path signing = folder.resolve("sa.key");
    Files.writeString(signing, pem("PRIVATE KEY", key.toPrivateKey().getEncoded()));
    Path verifying = folder.resolve("sa.pub");
    Files.writeString(verifying, pem("PUBLIC KEY", key.toPublicKey().getEncoded()));
    Path tokens = folder.resolve("tokens.csv");
    Files.writeString(tokens, ADMIN + ",admin,admin-uid,system:masters\n");
    start(
        "kube-apiserver",
        assets.resolve("kube-apiserver").toString(),
        "--etcd-servers=" + etcd,
        "--bind-address=127.0.0.1",
        "--advertise-address=127.0.0.1",
        "--secure-port=" + port,
        "--cert-dir=" + folder.resolve("certs"),
        "--token-auth-file=" + tokens,
        "--authorization-mode=RBAC",
        "--service-cluster-ip-range=10.96.0.0/16",
        "--service-account-issuer=https://kubernetes.default.svc",
        "--service-account-signing-key-file=" + signing,
        "--service-account-key-file=" + verifying,
        "--disable-admission-plugins=ServiceAccount",
        "--endpoint-reconciler-type=none");
    KubernetesApi api = connect(ADMIN);
    try (api) {
      Awaitility.await()
          .atMost(120, TimeUnit.SECONDS)
          .ignoreExceptionsInstanceOf(IOException.class)
          .until(() -> !api.find("/api/v1/namespaces/default").isEmpty());
    }
  }

  KubernetesApi admin() {
    return connect(ADMIN);
  }

  KubernetesApi connect(String token) {
    return KubernetesApi.of(
        new ConfigBuilder()
            .withMasterUrl("https://127.0.0.1:" + port)
            .withTrustCerts(true)
            .withDisableHostnameVerification(true)
            .withOauthToken(token)
            .build());
  }

  /// A token of an account, bound to a pod, for an audience.
  static String token(
      KubernetesApi admin, String namespace, String account, Map<String, Object> spec)
      throws IOException {
    Map<String, Object> answer =
        admin.send(
            "POST",
            "/api/v1/namespaces/" + namespace + "/serviceaccounts/" + account + "/token",
            KubernetesApi.JSON,
            Map.of("apiVersion", "authentication.k8s.io/v1", "kind", "TokenRequest", "spec", spec));
    return String.valueOf(((Map<?, ?>) answer.get("status")).get("token"));
  }

  private void start(String name, String... command) throws IOException {
    List<String> all = new ArrayList<>(List.of(command));
    processes.push(
        new ProcessBuilder(all)
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve(name + ".log").toFile())
            .start());
  }

  private static String pem(String what, byte[] bytes) {
    return "-----BEGIN %s-----\n%s\n-----END %s-----\n"
        .formatted(what, Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(bytes), what);
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  @Override
  public void close() {
    while (!processes.isEmpty()) {
      Process process = processes.pop();
      process.destroy();
      process.onExit().orTimeout(20, TimeUnit.SECONDS).join();
    }
  }
}
