package dev.kiri.cli;

import dev.kiri.cli.dump.ConfigDump;
import dev.kiri.cli.dump.Element;
import dev.kiri.cli.dump.UnreadableDump;
import dev.kiri.cli.output.CommandFailed;
import dev.kiri.cli.output.Format;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// The flags of all `ztunnel-config` commands: where a dump comes from, and how it is shown.
final class DumpFlags {
  private static final int HIGHEST_PORT = 65535;

  @Parameters(
      paramLabel = "POD",
      arity = "0..1",
      description =
          "[TYPE/]NAME[.NAMESPACE] of a node proxy, or of a pod whose node's proxy to ask")
  private @Nullable String pod;

  @Option(names = "--node", paramLabel = "NODE", description = "ask the proxy of this node")
  private @Nullable String node;

  @Option(
      names = {"-f", "--file"},
      paramLabel = "FILE",
      description = "read a saved dump; - is standard input")
  private @Nullable String file;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      defaultValue = "short",
      description = "short, json or yaml")
  private String output = "short";

  @Option(
      names = "--proxy-admin-port",
      paramLabel = "PORT",
      defaultValue = "15000",
      description = "admin port of the proxy (default: ${DEFAULT-VALUE})")
  private int port = 15000;

  Format format() {
    return Format.parse(output);
  }

  /// The dump of any proxy, or of the one that was named.
  ConfigDump dump(Kirictl root) {
    return dump(root, false);
  }

  /// Prints the elements of a namespace, in full or as a table.
  ///
  /// @param table draws it, from the dump and the namespace
  void print(
      Kirictl root,
      String namespace,
      Function<ConfigDump, List<Element>> elements,
      BiFunction<ConfigDump, String, String> table) {
    var format = format();
    var dump = dump(root);
    root.print(
        format == Format.SHORT
            ? table.apply(dump, namespace)
            : format.text(Trees.of(Element.inNamespace(elements.apply(dump), namespace))));
  }

  /// The dump of the one proxy that was named, or of the only one there is.
  ConfigDump dumpOfOne(Kirictl root) {
    return dump(root, true);
  }

  private ConfigDump dump(Kirictl root, boolean one) {
    check();
    var saved = file;
    try {
      if (saved != null) {
        return ConfigDump.parse(read(saved, root));
      }
      var proxies = proxies(root);
      var found = one && pod == null && node == null ? proxies.only() : proxies.first(pod, node);
      var dump = ConfigDump.parse(proxies.ask(found.proxy(), "GET", "/config_dump"));
      return found.target().map(dump::of).orElse(dump);
    } catch (UnreadableDump e) {
      var message = "error unmarshalling config dump response from ztunnel: " + e.getMessage();
      throw saved == null
          ? CommandFailed.because(message)
          : CommandFailed.unreadable(saved + ": " + message);
    }
  }

  /// The proxies to ask, once the flags make sense.
  Ztunnels proxies(Kirictl root) {
    return new Ztunnels(root.cluster(), root.givenNamespace(), root.istioNamespace(), port);
  }

  @Nullable String pod() {
    return pod;
  }

  @Nullable String node() {
    return node;
  }

  /// @throws CommandFailed when the flags contradict each other
  void check() {
    if (Stream.of(pod, node, file).filter(Objects::nonNull).count() > 1) {
      throw CommandFailed.usage("at most one of --file, --node, or pod name must be passed");
    }
    if (port < 1 || port > HIGHEST_PORT) {
      throw CommandFailed.because("port number " + port + " must be in the range 1..65535");
    }
  }

  private static String read(String file, Kirictl root) {
    try {
      return file.equals("-")
          ? new String(root.surroundings().input().readAllBytes(), StandardCharsets.UTF_8)
          : Files.readString(Path.of(file));
    } catch (NoSuchFileException e) {
      throw CommandFailed.unreadable("cannot read " + file + ": no such file");
    } catch (IOException e) {
      throw CommandFailed.unreadable("cannot read " + file + ": " + e.getMessage());
    }
  }
}
