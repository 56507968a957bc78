package dev.kiri.hbone.conformance;

import dev.kiri.hbone.identity.InvalidSpiffeId;
import dev.kiri.hbone.identity.SpiffeId;
import io.netty.util.NetUtil;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.jspecify.annotations.Nullable;

/// The arguments after `server` or `client`: flags and `--name value` pairs.
final class Options {
  private static final Set<String> FLAGS = Set.of("--self", "--help", "-h");
  private static final Set<String> VALUES =
      Set.of(
          "--target",
          "--listen",
          "--drive",
          "--socks5",
          "--destination",
          "--server",
          "--ca-cert",
          "--ca-key",
          "--second-ca-cert",
          "--second-ca-key",
          "--client",
          "--echo",
          "--denied",
          "--closing",
          "--named",
          "--limit",
          "--handshake-limit",
          "--response-baggage",
          "--case",
          "--engine",
          "--transport",
          "-o");

  private final Map<String, String> given = new HashMap<>();

  /// Throws [IllegalArgumentException] that names the first option that is not known.
  Options(List<String> arguments) {
    var rest = new ArrayDeque<>(arguments);
    while (!rest.isEmpty()) {
      var name = rest.removeFirst();
      if (FLAGS.contains(name)) {
        given.put(name, "");
      } else if (!VALUES.contains(name)) {
        throw new IllegalArgumentException("there is no option " + name);
      } else if (rest.isEmpty()) {
        throw new IllegalArgumentException(name + " needs a value");
      } else {
        given.put(name, rest.removeFirst());
      }
    }
  }

  boolean has(String name) {
    return given.containsKey(name);
  }

  @Nullable String get(String name) {
    return given.get(name);
  }

  String get(String name, String missing) {
    return given.getOrDefault(name, missing);
  }

  private String required(String name) {
    var value = given.get(name);
    if (value == null) {
      throw new IllegalArgumentException("without --self, " + name + " is needed");
    }
    return value;
  }

  /// One of these; throws [IllegalArgumentException] that lists them.
  String choice(String name, String... allowed) {
    var value = get(name, allowed[0]);
    if (!List.of(allowed).contains(value)) {
      throw new IllegalArgumentException(
          name + " " + value + ": accepted are " + String.join(", ", allowed));
    }
    return value;
  }

  /// The server that the options describe. Throws [IllegalArgumentException] that names the wrong
  /// one.
  GivenServer server() {
    var baggage = get("--response-baggage");
    return new GivenServer(
        address("--target"),
        authority(required("--ca-cert"), required("--ca-key")),
        has("--second-ca-cert")
            ? authority(required("--second-ca-cert"), required("--second-ca-key"))
            : null,
        identity("--client", "client"),
        required("--echo"),
        get("--denied"),
        get("--closing"),
        get("--named"),
        seconds("--limit", "10"),
        has("--handshake-limit") ? seconds("--handshake-limit", "10") : null,
        baggage == null ? null : choice("--response-baggage", "on", "off").equals("on"));
  }

  /// The client that the options describe; listens for its tunnels from now on. Throws
  /// [IllegalArgumentException] that names the wrong one.
  GivenClient client() {
    boolean socks5 = has("--socks5");
    var drive = address(socks5 ? "--socks5" : "--drive");
    var destination = socks5 ? address("--destination") : null;
    var authority = authority(required("--ca-cert"), required("--ca-key"));
    var limit = seconds("--limit", "10");
    var handshake = has("--handshake-limit") ? seconds("--handshake-limit", "10") : null;
    var server = identity("--server", "server");
    var listen = address("--listen");
    try {
      var tunnels = new ServerSocket(listen.getPort(), 64, listen.getAddress());
      return new GivenClient(tunnels, authority, server, drive, destination, limit, handshake);
    } catch (IOException e) {
      throw new IllegalArgumentException("--listen " + get("--listen") + ": " + e.getMessage(), e);
    }
  }

  private SpiffeId identity(String name, String account) {
    try {
      return SpiffeId.parse(get(name, "spiffe://cluster.local/ns/default/sa/" + account));
    } catch (InvalidSpiffeId e) {
      throw new IllegalArgumentException(name + ": " + e.getMessage(), e);
    }
  }

  private InetSocketAddress address(String name) {
    var value = required(name);
    int colon = value.lastIndexOf(':');
    var host = colon < 0 ? value : value.substring(0, colon).replaceAll("^\\[|]$", "");
    var bytes = NetUtil.createByteArrayFromIpAddressString(host);
    if (bytes == null || colon < 0) {
      throw new IllegalArgumentException(name + " " + value + ": give an address and a port");
    }
    return new InetSocketAddress(host, number(name, value.substring(colon + 1)));
  }

  private Duration seconds(String name, String missing) {
    return Duration.ofSeconds(number(name, get(name, missing)));
  }

  private static int number(String name, String value) {
    try {
      int number = Integer.parseInt(value);
      if (number > 0 && number < 65_536) {
        return number;
      }
    } catch (NumberFormatException e) {
      // said below
    }
    throw new IllegalArgumentException(name + ": " + value + " is no number from 1 to 65535");
  }

  private static ExamAuthority authority(String certificate, String key) {
    try (InputStream in = Files.newInputStream(Path.of(certificate));
        var pem = new PEMParser(Files.newBufferedReader(Path.of(key)))) {
      var read = (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in);
      var converter = new JcaPEMKeyConverter();
      return switch (pem.readObject()) {
        case PEMKeyPair pair ->
            new ExamAuthority(converter.getPrivateKey(pair.getPrivateKeyInfo()), read);
        case PrivateKeyInfo info -> new ExamAuthority(converter.getPrivateKey(info), read);
        case null, default -> throw new IllegalArgumentException(key + " holds no PEM key");
      };
    } catch (IOException | CertificateException e) {
      throw new IllegalArgumentException(
          certificate + ", " + key + ": not readable: " + e.getMessage(), e);
    }
  }
}
