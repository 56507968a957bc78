package dev.kiri.bench.controlplane;

import io.grpc.ManagedChannel;
import io.grpc.TlsChannelCredentials;
import io.grpc.netty.NettyChannelBuilder;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// The measured process, seen from outside. Its flags are those of `./kiri controlplane`.
final class Plane implements AutoCloseable {
  private static final double TICKS_A_SECOND = 100;
  private static final int LARGEST_MESSAGE = 64 << 20;

  private final Process process;
  private final Path folder;
  private final long startMillis;
  private final int port;

  Plane(Path folder, int pods, int services) throws IOException {
    this.folder = folder;
    List<String> command = new ArrayList<>(List.of(java()));
    command.addAll(flags());
    command.addAll(
        List.of(
            "-cp",
            System.getProperty("java.class.path"),
            PlaneMain.class.getName(),
            folder.toString(),
            String.valueOf(pods),
            String.valueOf(services)));
    process =
        new ProcessBuilder(command)
            .redirectError(folder.resolve("controlplane.log").toFile())
            .start();
    String line = "";
    BufferedReader output = process.inputReader(StandardCharsets.UTF_8);
    while (line != null && !line.startsWith("ready ")) {
      line = output.readLine();
    }
    if (line == null) {
      throw new PlaneFailed("the control plane did not start; " + folder + "/controlplane.log");
    }
    String[] words = line.split(" ");
    startMillis = Long.parseLong(words[1]);
    port = Integer.parseInt(words[2]);
  }

  private static String java() {
    return Path.of(System.getProperty("java.home"), "bin", "java").toString();
  }

  /// The flags of the program, without class path and start-up cache, which do not hold here.
  private static List<String> flags() throws IOException {
    String image = System.getenv("KIRI_IMAGE");
    if (image == null) {
      throw new PlaneFailed("KIRI_IMAGE is not set: start this through ./kiri bench");
    }
    return Files.readAllLines(Path.of(image, "args", "controlplane.args")).stream()
        .map(String::strip)
        .filter(line -> line.startsWith("-") && !line.equals("-cp") && !line.contains("AOT"))
        .toList();
  }

  long startMillis() {
    return startMillis;
  }

  /// Where it serves discovery and certificates, on the loopback address.
  int port() {
    return port;
  }

  ManagedChannel connect() throws IOException {
    return NettyChannelBuilder.forAddress(
            "127.0.0.1",
            port,
            TlsChannelCredentials.newBuilder()
                .trustManager(folder.resolve("root.pem").toFile())
                .build())
        .overrideAuthority("istiod.istio-system.svc")
        .maxInboundMessageSize(LARGEST_MESSAGE)
        .build();
  }

  /// A figure of `/proc/PID/status`, in MiB.
  double mebibytes(String field) throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/" + process.pid() + "/status"))) {
      if (line.startsWith(field + ":")) {
        return Long.parseLong(line.replaceAll("\\D", "")) / 1024.0;
      }
    }
    throw new PlaneFailed("no " + field + " in /proc/" + process.pid() + "/status");
  }

  /// Seconds of CPU so far.
  double cpuSeconds() throws IOException {
    String text = Files.readString(Path.of("/proc/" + process.pid() + "/stat"));
    String[] fields = text.substring(text.lastIndexOf(')') + 2).split(" ");
    return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) / TICKS_A_SECOND;
  }

  @Override
  public void close() throws IOException {
    process.getOutputStream().close();
    process.onExit().orTimeout(20, TimeUnit.SECONDS).join();
  }
}
