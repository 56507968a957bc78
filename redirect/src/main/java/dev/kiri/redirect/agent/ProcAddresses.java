package dev.kiri.redirect.agent;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Set;
import java.util.regex.Pattern;

/// The addresses of the interfaces in a process's network namespace, read without entering it.
record ProcAddresses(Set<InetAddress> addresses) {
  // In fib_trie an address of one's own is a leaf `|-- A` followed by `/32 host LOCAL`.
  private static final Pattern LOCAL =
      Pattern.compile("\\|-- (\\S+)\\s+/32 host LOCAL", Pattern.MULTILINE);

  ProcAddresses {
    addresses = Set.copyOf(addresses);
  }

  static ProcAddresses of(Path process) throws IOException {
    return parse(
        Files.readString(process.resolve("net/fib_trie")),
        readOrEmpty(process.resolve("net/if_inet6")));
  }

  static ProcAddresses parse(String fibTrie, String ifInet6) throws IOException {
    var addresses = new HashSet<InetAddress>();
    LOCAL
        .matcher(fibTrie)
        .results()
        .forEach(match -> addresses.add(InetAddress.ofLiteral(match.group(1))));
    for (var line : ifInet6.lines().toList()) {
      addresses.add(InetAddress.getByAddress(HexFormat.of().parseHex(line, 0, 32)));
    }
    return new ProcAddresses(addresses);
  }

  boolean containsAnyOf(Collection<InetAddress> wanted) {
    return wanted.stream().anyMatch(addresses::contains);
  }

  // A kernel without IPv6 has no such file.
  private static String readOrEmpty(Path file) throws IOException {
    try {
      return Files.readString(file);
    } catch (NoSuchFileException _) {
      return "";
    }
  }
}
