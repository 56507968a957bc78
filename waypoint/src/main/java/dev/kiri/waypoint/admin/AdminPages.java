package dev.kiri.waypoint.admin;

import dev.kiri.mesh.ca.CertificateManager;
import dev.kiri.mesh.store.MeshSnapshot;
import dev.kiri.ops.admin.AdminRequest;
import dev.kiri.ops.admin.AdminResponse;
import dev.kiri.ops.admin.AdminServer;
import dev.kiri.ops.drain.Drain;
import dev.kiri.ops.readiness.Readiness;
import dev.kiri.waypoint.config.ConfigStore;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.json.JsonFactory;

/// Answers `/config_dump`, `/explain` and `/ready`. Thread-safe.
public final class AdminPages {
  private static final JsonFactory JSON = new JsonFactory();

  private final ConfigStore config;
  private final Supplier<MeshSnapshot> mesh;
  private final CertificateManager certificates;
  private final Readiness readiness;

  public AdminPages(
      ConfigStore config,
      Supplier<MeshSnapshot> mesh,
      CertificateManager certificates,
      Readiness readiness) {
    this.config = config;
    this.mesh = mesh;
    this.certificates = certificates;
    this.readiness = readiness;
  }

  public AdminServer on(AdminServer server) {
    return server
        .route("GET", "/config_dump", this::dump)
        .route("GET", "/explain", this::explain)
        .route("GET", "/ready", readiness.handler());
  }

  /// Asks for the end of the process.
  public static AdminResponse quit(Drain drain) {
    drain.request("admin request to quit");
    return AdminResponse.text(200, "OK\n");
  }

  private AdminResponse dump(AdminRequest request) {
    return json(200, out -> ConfigDump.write(out, config, mesh.get(), certificates.states()));
  }

  /// `GET /explain?service=ns/host&port=80&method=GET&path=/x&header=a:b&client=spiffe://...`;
  /// of a port that carries bytes, `serverName=` is that of the client's hello.
  private AdminResponse explain(AdminRequest request) {
    Explanation.Question question;
    try {
      question = Explanation.Question.of(request.query());
    } catch (IllegalArgumentException refused) {
      return AdminResponse.text(400, refused.getMessage() + "\n");
    }
    return json(200, out -> Explanation.write(out, config.program(), mesh.get(), question));
  }

  private static AdminResponse json(int status, Consumer<JsonGenerator> body) {
    return new AdminResponse(
        status,
        Map.of("content-type", "application/json; charset=utf-8"),
        stream -> {
          try (JsonGenerator out =
              JSON.createGenerator(
                  tools.jackson.core.ObjectWriteContext.empty(),
                  new java.io.OutputStreamWriter(stream, StandardCharsets.UTF_8))) {
            body.accept(out);
          }
        });
  }
}
