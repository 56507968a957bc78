package dev.kiri.waypoint;

import dev.kiri.mesh.ca.CertificateClient;
import dev.kiri.mesh.grpc.ControlPlaneLoop;
import dev.kiri.ops.admin.AdminBindException;
import dev.kiri.ops.admin.AdminServer;
import dev.kiri.ops.drain.Drain;
import dev.kiri.ops.logging.Logging;
import dev.kiri.ops.memory.IdleMemory;
import dev.kiri.ops.metrics.Metrics;
import dev.kiri.ops.readiness.Readiness;
import dev.kiri.ops.settings.InvalidSettings;
import dev.kiri.ops.settings.Settings;
import dev.kiri.ops.training.AotTraining;
import dev.kiri.waypoint.admin.AdminPages;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

/// The process `kiri-waypoint`. Upstream's arguments are accepted and ignored; settings come from
/// the environment.
public final class WaypointMain {
  private static final Duration CERTIFICATE_LIFETIME = Duration.ofHours(24);

  private WaypointMain() {}

  public static void main(String[] arguments) throws Exception {
    if (AotTraining.requested(arguments)) {
      System.exit(AotTraining.run(Training::run));
    }
    Settings env = Settings.of(System.getenv());
    WaypointSettings settings = WaypointSettings.read(env);
    Logging logging = Logging.start(env);
    try {
      env.finish();
    } catch (InvalidSettings refused) {
      System.err.println(refused.getMessage());
      System.exit(1);
    }
    IdleMemory.watch();
    System.exit(run(settings, logging, Drain.onSignals(settings.drain()), _ -> {}));
  }

  /// Runs until `drain` is asked for.
  ///
  /// @param started told where the operators' ports are
  static int run(
      WaypointSettings settings,
      Logging logging,
      Drain drain,
      Consumer<List<InetSocketAddress>> started)
      throws Exception {
    Readiness readiness = new Readiness();
    Metrics metrics = new Metrics().withProcess("proxy", version());
    try (ControlPlaneLoop loop = new ControlPlaneLoop();
        CertificateClient authority =
            new CertificateClient(loop, settings.controlPlane(), CERTIFICATE_LIFETIME, false);
        AdminServer ready =
            AdminServer.named("readiness").route("GET", "/healthz/ready", readiness.handler());
        AdminServer stats =
            AdminServer.named("stats")
                .route("GET", "/stats/prometheus", metrics.handler())
                .route("GET", "/metrics", metrics.handler())
                .route("GET", "/healthz/ready", readiness.handler());
        Waypoint waypoint =
            new Waypoint(settings, loop, authority, readiness, metrics, logging.accessLog());
        AdminServer admin =
            new AdminPages(
                    waypoint.config(), waypoint.mesh()::current, waypoint.certificates(), readiness)
                .on(AdminServer.named("admin"))
                .route("GET", "/stats/prometheus", metrics.handler())
                .route("*", "/logging", logging.handler())
                .route("POST", "/quitquitquit", _ -> AdminPages.quit(drain))) {
      ready.start(settings.readiness());
      stats.start(settings.stats().toArray(InetSocketAddress[]::new));
      admin.start(settings.admin());
      drain.step("tunnels", waypoint::drain);
      started.accept(
          List.of(
              ready.addresses().getFirst(),
              stats.addresses().getFirst(),
              admin.addresses().getFirst()));
      return drain.awaitAndRun();
    } catch (AdminBindException refused) {
      System.err.println(refused.getMessage());
      return 1;
    } finally {
      logging.close();
    }
  }

  private static String version() {
    String packaged = WaypointMain.class.getPackage().getImplementationVersion();
    return packaged == null ? "dev" : packaged;
  }
}
