package dev.kiri.ztunnel;

import dev.kiri.ops.drain.Drain;
import dev.kiri.ops.logging.Logging;
import dev.kiri.ops.settings.Settings;
import dev.kiri.ztunnel.settings.ZtunnelSettings;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;

/// What the ahead-of-time cache is recorded from: a whole start without a control plane, and one
/// request to each of the operators' ports.
final class ZtunnelTraining {
  private ZtunnelTraining() {}

  static void run() throws Exception {
    var env = Settings.of(Map.of("XDS_ADDRESS", "", "INPOD_UDS", "/nonexistent/ztunnel.sock"));
    try (var logging = Logging.start(env)) {
      var settings = ZtunnelSettings.read(env, 2);
      env.finish();
      var drain = new Drain(Duration.ofSeconds(1));
      try (var ztunnel = Ztunnel.start(settings, logging, drain, OperatorPorts.Numbers.ANY)) {
        for (var address : ztunnel.addresses()) {
          for (var path : new String[] {"/healthz/ready", "/metrics", "/config_dump"}) {
            get(address, path);
          }
        }
        drain.request("training is over");
        drain.awaitAndRun();
      }
    }
  }

  private static void get(InetSocketAddress server, String path) throws Exception {
    try (var socket = new Socket()) {
      var loopback = InetAddress.ofLiteral("127.0.0.1");
      var at = server.getAddress().isAnyLocalAddress() ? loopback : server.getAddress();
      socket.connect(new InetSocketAddress(at, server.getPort()), 1000);
      var request = "GET " + path + " HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      socket.getInputStream().readAllBytes();
    }
  }
}
