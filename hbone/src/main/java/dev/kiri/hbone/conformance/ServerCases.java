package dev.kiri.hbone.conformance;

import java.util.List;
import java.util.stream.Stream;

/// The registry: every pinned case that a server can be asked about.
public final class ServerCases {

  /// All of them: the numbered rows, the profile, the hostile ones.
  public static List<WireCase<ServerSubject>> all() {
    return Stream.of(RowCases.ALL, ProfileCases.ALL, FloodCases.ALL, HostileCases.ALL)
        .flatMap(List::stream)
        .toList();
  }

  private ServerCases() {}
}
