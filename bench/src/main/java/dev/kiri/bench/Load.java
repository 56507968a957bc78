package dev.kiri.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// One kind of load on a variant's server, and the figures it yields. In the mesh the CPU time of
/// both proxies is divided by the work done.
sealed interface Load
    permits Load.Bulk,
        Load.Requests,
        Load.Connections,
        Load.Latency,
        Held,
        Large,
        Neighbour,
        ColdStart,
        Drained {
  /// The metric it belongs to, as `--only` names it.
  String family();

  void run(Bed bed, Variant variant, double seconds, Results results);

  /// All loads of a block, in order. Those that restart proxies come last.
  static List<Load> all() {
    return Stream.concat(
            usual().stream(),
            Stream.of(
                new Neighbour(1000),
                new Held(1_000),
                new Held(10_000),
                new Large(10_000),
                new Large(100_000),
                new Drained(100),
                new ColdStart(500)))
        .toList();
  }

  /// The loads of a quick run.
  static List<Load> usual() {
    return List.of(
        new Bulk(1, false),
        new Bulk(1, true),
        new Bulk(8, false),
        new Bulk(8, true),
        new Requests(1),
        new Requests(16),
        new Requests(64),
        new Connections(1),
        new Connections(64),
        new Latency(1000, 16));
  }

  /// Those that are about requests.
  static List<Load> ofRequests() {
    return usual().stream().filter(load -> !(load instanceof Bulk)).toList();
  }

  /// Bytes one way through some streams of iperf3.
  record Bulk(int streams, boolean reverse) implements Load {
    @Override
    public String family() {
      return "T" + streams;
    }

    @Override
    public void run(Bed bed, Variant variant, double seconds, Results results) {
      var command =
          new ArrayList<>(List.of("iperf3", "-J", "-p", "5201", "-c", bed.server(variant), "-t"));
      command.add(Long.toString(Math.max(1, Math.round(seconds))));
      command.addAll(List.of("-P", Integer.toString(streams)));
      if (reverse) {
        command.add("-R");
      }
      var cpu = Cpu.start(bed, variant);
      var sum =
          Generator.json(bed.load(variant, seconds, command)).path("end").path("sum_received");
      var name = family() + (reverse ? "-reverse" : "");
      results.add(name, variant, "Gbit/s", sum.path("bits_per_second").asDouble() / 1e9);
      cpu.per(sum.path("bytes").asDouble() / 1e9, "CG-" + name, "CPU-s/GB", results);
    }
  }

  /// Keep-alive requests as fast as they are answered, by wrk.
  record Requests(int connections) implements Load {
    private static final Pattern COUNT = Pattern.compile("(\\d+) requests in");
    private static final Pattern RATE = Pattern.compile("Requests/sec:\\s+([0-9.]+)");

    @Override
    public String family() {
      return "RQ";
    }

    @Override
    public void run(Bed bed, Variant variant, double seconds, Results results) {
      var command =
          List.of(
              "wrk",
              "-t1",
              "-c" + connections,
              "-d" + Math.max(1, Math.round(seconds)) + "s",
              "http://" + bed.server(variant) + ":8080/1k");
      var cpu = Cpu.start(bed, variant);
      var report = bed.load(variant, seconds, command);
      if (report.contains("Non-2xx") || report.contains("Socket errors")) {
        throw new BenchFailed("wrk met errors: " + report);
      }
      results.add("RQ" + connections, variant, "requests/s", number(RATE, report));
      cpu.per(number(COUNT, report) / 1e6, "CR-RQ" + connections, "CPU-us/request", results);
    }

    private static double number(Pattern pattern, String report) {
      var found = pattern.matcher(report);
      if (!found.find()) {
        throw new BenchFailed("wrk printed no " + pattern + ": " + report);
      }
      return Double.parseDouble(found.group(1));
    }
  }

  /// Connections made, used once and closed, in some rows side by side.
  record Connections(int rows) implements Load {
    private static final double WARM_UP = 0.5;

    @Override
    public String family() {
      return "NC";
    }

    @Override
    public void run(Bed bed, Variant variant, double seconds, Results results) {
      var load =
          Generator.command(
              "churn",
              bed.server(variant),
              "8080",
              Generator.text(rows),
              Generator.text(WARM_UP),
              Generator.text(seconds));
      var cpu = Cpu.start(bed, variant);
      var seen = Generator.flawless(bed.load(variant, seconds, load), this);
      double perSecond = seen.path("perSecond").asDouble();
      results.add("NC" + rows, variant, "connections/s", perSecond);
      cpu.per(perSecond * (seconds + WARM_UP) / 1e6, "CN-NC" + rows, "CPU-us/connection", results);
    }
  }

  /// Requests at a fixed rate, and how long after they were due their responses were there.
  record Latency(int rate, int connections) implements Load {
    private static final double WARM_UP = 1;

    @Override
    public String family() {
      return "LQ";
    }

    @Override
    public void run(Bed bed, Variant variant, double seconds, Results results) {
      var load =
          Generator.command(
              "open",
              bed.server(variant),
              "8080",
              Generator.text(connections),
              Generator.text(rate),
              Generator.text(WARM_UP),
              Generator.text(seconds));
      var cpu = Cpu.start(bed, variant);
      var seen = Generator.flawless(bed.load(variant, seconds, load), this);
      for (var percentile : List.of("p50", "p99", "p999", "max")) {
        results.add(
            "LQ" + rate + "-" + percentile, variant, "us", seen.path(percentile).asDouble());
      }
      double requests = rate * (seconds + WARM_UP);
      cpu.per(requests / 1e6, "CR-LQ" + rate, "CPU-us/request", results);
    }
  }

  /// CPU time of the proxies from now on; counts nothing where there are none on the path.
  record Cpu(Variant variant, Proxies proxies, double before) {
    static Cpu start(Bed bed, Variant variant) {
      var proxies = bed.proxies(variant);
      return new Cpu(variant, proxies, proxies.cpuSeconds());
    }

    /// @param work how much was done, in units of one million where the unit says micro
    void per(double work, String metric, String unit, Results results) {
      if (variant.proxied()) {
        results.add(metric, variant, unit, (proxies.cpuSeconds() - before) / work);
      }
    }
  }

  /// The names `--only` accepts, with what each stands for.
  Map<String, String> FAMILIES =
      Map.ofEntries(
          Map.entry("T1", "bulk, one stream"),
          Map.entry("T8", "bulk, eight streams"),
          Map.entry("RQ", "keep-alive requests, closed loop"),
          Map.entry("NC", "new connections"),
          Map.entry("LQ", "latency at 1000 requests a second"),
          Map.entry("ML", "latency beside a pod that saturates the proxy"),
          Map.entry("M1k", "memory of 1000 connections that are held"),
          Map.entry("M10k", "memory of 10 000 connections that are held"),
          Map.entry("MX10k", "memory with 10 000 workloads"),
          Map.entry("MX100k", "memory with 100 000 workloads"),
          Map.entry("DR", "time to drain with 100 connections held"),
          Map.entry("ST", "start: first answer, latency at 500 requests a second from then on"));
}
