package dev.kiri.local.demo;

import dev.kiri.local.api.LocalMesh;
import dev.kiri.local.api.MeshException;
import dev.kiri.local.demo.TrafficSteps.Observed;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;

/// The story of the example shop, in eight steps. Blocking; confined to its caller's thread.
public final class Demo {
  private final Consumer<StepResult> teller;
  private final List<StepResult> results = new ArrayList<>();

  private Demo(Consumer<StepResult> teller) {
    this.teller = teller;
  }

  /// Runs all steps against a mesh that is ready.
  ///
  /// @param manifests the folder that the mesh watches; steps edit it
  /// @param kirictl the command line of kirictl
  /// @param teller hears of each step as it is over
  public static List<StepResult> run(
      LocalMesh mesh, Path manifests, List<String> kirictl, Consumer<StepResult> teller) {
    var shop = new Shop(mesh, manifests);
    var traffic = new TrafficSteps(shop);
    var policy = new PolicySteps(shop);
    var demo = new Demo(teller);
    demo.step(
        "1 layer 4 between nodes",
        "web reaches orders; both ztunnels log both identities; the wire shows TLS on 15008 and not"
            + " one byte of the request",
        traffic::encrypted);
    demo.step(
        "2 waypoint splits traffic",
        "300 requests to catalog split about 90 to 10; the header x-preview sends all to v2",
        traffic::split);
    demo.step(
        "3 layer 7 policy",
        "GET is answered with 200, POST with 403, and the waypoint's log names the policy",
        policy::requests);
    demo.step(
        "4 layer 4 policy",
        "web may call orders, intruder is cut at the server's ztunnel, whose log names the policy",
        policy::connections);
    demo.step(
        "5 mutual TLS",
        "STRICT refuses plain text from beside and from outside the mesh; PERMISSIVE lets it in",
        policy::plainText);
    demo.step(
        "6 live change",
        "the weights flipped in the manifest reach requests within a second, and no request fails",
        traffic::liveChange);
    demo.step(
        "7 faults",
        "waypoint and ztunnel come back after a kill; without the control plane no request fails",
        new FaultSteps(shop)::kills);
    demo.step(
        "8 kirictl",
        "workloads, services, certificates and the waypoint's status are shown",
        new ToolSteps(shop, kirictl)::kirictl);
    return List.copyOf(demo.results);
  }

  private void step(String name, String expected, Callable<Observed> action) {
    long begin = System.nanoTime();
    Observed observed;
    try {
      observed = action.call();
    } catch (MeshException | UncheckedIOException | CompletionException e) {
      observed = new Observed(false, "the step failed: " + e.getMessage());
    } catch (Exception e) {
      observed = new Observed(false, "the step failed: " + e);
    }
    var result =
        new StepResult(
            name,
            expected,
            observed.text(),
            observed.ok(),
            (System.nanoTime() - begin) / 1_000_000);
    results.add(result);
    teller.accept(result);
  }
}
