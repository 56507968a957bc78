package dev.kiri.it.house;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;

class FilesAndPackagesTest {
  private static final int LONGEST_FILE = 500;
  private static final Set<String> NAMES_THAT_NAME_NOTHING =
      Set.of(
          "util",
          "utils",
          "common",
          "impl",
          "internal",
          "helper",
          "helpers",
          "manager",
          "managers",
          "misc");

  private final SourceTree sources = SourceTree.read();

  @Test
  void no_file_is_too_long_to_be_read_at_one_sitting() {
    assertThat(sources.files())
        .filteredOn(file -> SourceTree.lines(file).size() > LONGEST_FILE)
        .extracting(sources::name)
        .as("files of more than %d lines", LONGEST_FILE)
        .isEmpty();
  }

  @Test
  void a_package_is_named_after_what_is_in_it() {
    assertThat(sources.files())
        .extracting(Path::getParent)
        .filteredOn(FilesAndPackagesTest::hasNameThatNamesNothing)
        .extracting(sources::name)
        .as("packages named after nothing in particular")
        .isEmpty();
  }

  @Test
  void every_package_says_what_it_is_for_and_is_null_marked() {
    assertThat(sources.mainFiles())
        .extracting(Path::getParent)
        .filteredOn(folder -> !isNullMarked(folder))
        .extracting(sources::name)
        .as("packages without a @NullMarked package-info.java")
        .isEmpty();
  }

  private static boolean hasNameThatNamesNothing(Path folder) {
    return StreamSupport.stream(folder.spliterator(), false)
        .anyMatch(part -> NAMES_THAT_NAME_NOTHING.contains(part.toString()));
  }

  private static boolean isNullMarked(Path folder) {
    Path description = folder.resolve("package-info.java");
    return Files.isRegularFile(description)
        && SourceTree.lines(description).contains("@NullMarked");
  }
}
