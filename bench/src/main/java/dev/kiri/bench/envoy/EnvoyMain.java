package dev.kiri.bench.envoy;

import dev.kiri.hbone.identity.PemText;
import dev.kiri.hbone.identity.SpiffeId;
import dev.kiri.hbone.identity.TrustDomain;
import dev.kiri.hbone.identity.WorkloadCertificate;
import dev.kiri.mesh.ca.CertificateClient;
import dev.kiri.mesh.ca.CertificateRefused;
import dev.kiri.mesh.grpc.ControlPlaneEndpoint;
import dev.kiri.mesh.grpc.ControlPlaneLoop;
import dev.kiri.mesh.grpc.RootSource;
import dev.kiri.mesh.grpc.TokenSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/// Runs inside the pod of the peer: `EnvoyMain EXECUTABLE SERVER-ADDRESS SERVER-IDENTITY`. The
/// certificate is fetched as a waypoint fetches its own; it lies in a folder of the pod's own,
/// because an Envoy without a control plane reads it from a file, and is gone with the pod.
public final class EnvoyMain {
  private static final Path FOLDER = Path.of("/run/bench/envoy");
  private static final Path TOKEN = Path.of("/var/run/secrets/tokens/istio-token");
  private static final String ROOTS = "/var/run/secrets/istio/root-cert.pem";
  private static final String AUTHORITY = "istiod.istio-system.svc:15012";

  /// As many as the machine has processors, which is what our waypoint does.
  private static final int WORKERS = Runtime.getRuntime().availableProcessors();

  private EnvoyMain() {}

  /// Ends with the exit code of the executable.
  public static void main(String[] arguments)
      throws IOException, InterruptedException, CertificateRefused, CertificateEncodingException {
    Files.createDirectories(
        FOLDER, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    write(certificate());
    Files.writeString(
        FOLDER.resolve("envoy.yaml"),
        new EnvoyBootstrap(FOLDER, arguments[1], arguments[2]).yaml());
    var process =
        new ProcessBuilder(
                arguments[0],
                "--config-path",
                FOLDER.resolve("envoy.yaml").toString(),
                "--concurrency",
                Integer.toString(WORKERS),
                "--log-level",
                "warning",
                "--use-dynamic-base-id")
            .inheritIO()
            .start();
    Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(process::destroyForcibly));
    System.exit(process.waitFor());
  }

  private static WorkloadCertificate certificate() throws CertificateRefused {
    var environment = System.getenv();
    var identity =
        new SpiffeId(
            new TrustDomain("cluster.local"),
            environment.getOrDefault("POD_NAMESPACE", "mesh"),
            environment.getOrDefault("SERVICE_ACCOUNT", "envoy"));
    var authority =
        new ControlPlaneEndpoint(
            ControlPlaneEndpoint.address(AUTHORITY),
            null,
            RootSource.parse(ROOTS),
            new TokenSource.File(TOKEN),
            "Kubernetes",
            Map.of());
    try (var loop = new ControlPlaneLoop();
        var client = new CertificateClient(loop, authority, Duration.ofHours(24), false)) {
      return client.fetch(identity);
    }
  }

  private static void write(WorkloadCertificate certificate)
      throws IOException, CertificateEncodingException {
    Files.writeString(FOLDER.resolve("cert.pem"), pem(certificate.chain()));
    Files.writeString(FOLDER.resolve("roots.pem"), pem(certificate.roots()));
    Files.writeString(
        FOLDER.resolve("key.pem"), PemText.block("PRIVATE KEY", certificate.key().getEncoded()));
  }

  private static String pem(List<X509Certificate> certificates)
      throws CertificateEncodingException {
    var out = new StringBuilder();
    for (var certificate : certificates) {
      out.append(PemText.block("CERTIFICATE", certificate.getEncoded()));
    }
    return out.toString();
  }
}
