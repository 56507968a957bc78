package dev.kiri.ops.memory;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// The pages of mapped files that are resident because this process once read them: the JVM's own
/// code, its start-up cache. Thread-safe.
@SuppressWarnings("restricted") // native access is granted on the command line
public final class FilePages {
  private static final Path SMAPS = Path.of("/proc/self/smaps");
  // linux/mman.h
  private static final int MADV_DONTNEED = 4;
  private static final MethodHandle MADVISE =
      Linker.nativeLinker()
          .downcallHandle(
              Linker.nativeLinker().defaultLookup().findOrThrow("madvise"),
              FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT));

  private FilePages() {}

  /// Takes them out of this process; the next use finds them again where they are, in the page
  /// cache or on disk. Content never changes: mappings that may be written, or of which a page has
  /// been written (a library's relocations), stay as they are.
  ///
  /// @return how many bytes were resident in the mappings given back
  /// @throws IOException if the kernel does not tell about mappings or refuses
  public static long giveBack() throws IOException {
    long bytes = 0;
    for (var mapping : unwritten(Files.readAllLines(SMAPS))) {
      if (dontNeed(mapping) != 0) {
        throw new IOException("madvise refused " + mapping);
      }
      bytes += mapping.resident();
    }
    return bytes;
  }

  private static int dontNeed(Mapping mapping) {
    try {
      return (int)
          MADVISE.invokeExact(
              MemorySegment.ofAddress(mapping.start()),
              mapping.end() - mapping.start(),
              MADV_DONTNEED);
    } catch (Throwable e) { // what a method handle declares
      throw new IllegalStateException("madvise", e);
    }
  }

  /// A part of the address space, [start, end), and how many bytes of it are resident.
  record Mapping(long start, long end, long resident) {}

  /// Mappings of files that cannot be written and have no page of their own (proc_pid_smaps(5)).
  static List<Mapping> unwritten(List<String> smaps) {
    var found = new ArrayList<Mapping>();
    long start = 0;
    long end = 0;
    long resident = 0;
    boolean candidate = false;
    for (var line : smaps) {
      // "7f1b-7f1c r--p 00000000 fe:00 42   /path" or "Name:   12 kB"
      var words = line.split(" +", 6);
      switch (words[0]) {
        case "Rss:" -> resident = Long.parseLong(words[1]) << 10;
        case "Anonymous:" -> {
          if (candidate && words[1].equals("0")) {
            found.add(new Mapping(start, end, resident));
          }
        }
        default -> {
          if (!words[0].endsWith(":")) {
            int dash = words[0].indexOf('-');
            start = Long.parseUnsignedLong(words[0], 0, dash, 16);
            end = Long.parseUnsignedLong(words[0], dash + 1, words[0].length(), 16);
            candidate = words.length == 6 && words[5].startsWith("/") && words[1].charAt(1) != 'w';
          }
        }
      }
    }
    return found;
  }
}
