package dev.kiri.local.manifest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// Files that are no manifests: one message each, with file, document, what was found and what is
/// accepted.
class ManifestReaderTest {
  private @TempDir Path folder;
  private final ManifestReader reader = new ManifestReader();

  static List<Arguments> texts() {
    return List.of(
        Arguments.of(
            "kind: [unclosed\n  a: b: c\n",
            "document 1: found line 2, column 4: expected ',' or ']', but got :;"
                + " accepted: well-formed YAML"),
        Arguments.of(
            "kind: Pod\n---\nkind: Pod\n---\n\tkind: Pod\n",
            "document 3: found line 5, column 1: found character '\\t(TAB)' that cannot start any"
                + " token. (Do not use \\t(TAB) for indentation); accepted: well-formed YAML"),
        Arguments.of(
            "metadata: {name: a}\nkind: Pod\nmetadata: {name: b}\n",
            "document 1: found line 3, column 1: found duplicate key metadata;"
                + " accepted: well-formed YAML"),
        Arguments.of(
            "- a\n- b\n",
            "document 1: found a list of 2; accepted: an object with apiVersion, kind and"
                + " metadata"),
        Arguments.of(
            "just words\n",
            "document 1: found \"just words\"; accepted: an object with apiVersion, kind and"
                + " metadata"));
  }

  @ParameterizedTest
  @MethodSource("texts")
  void a_text_that_is_no_manifest_gets_one_message(String text, String message) throws IOException {
    var file = Files.writeString(folder.resolve("a.yaml"), text);

    reader.read(file);

    assertThat(reader.problems())
        .extracting(Problem::toString)
        .containsExactly("error: " + file + ", " + message);
  }

  @Test
  void bytes_that_are_no_text_are_named() throws IOException {
    var file = Files.write(folder.resolve("a.yaml"), new byte[] {0, 1, (byte) 0xff, (byte) 0xfe});

    reader.read(file);

    assertThat(messages()).containsExactly("bytes that are no UTF-8");
  }

  @Test
  void a_file_that_cannot_be_read_is_named_with_the_reason() {
    reader.read(Path.of("/proc/self/mem")); // the system refuses its first page to everybody

    assertThat(messages()).containsExactly("a file that cannot be read (Input/output error)");
  }

  @Test
  void a_link_that_leads_nowhere_a_missing_file_and_an_empty_folder_are_named() throws IOException {
    var link = Files.createSymbolicLink(folder.resolve("l.yaml"), folder.resolve("gone"));
    var empty = Files.createDirectory(folder.resolve("empty"));

    reader.read(link);
    reader.read(folder.resolve("missing.yaml"));
    reader.read(empty);

    assertThat(messages())
        .containsExactly(
            "no such file or folder", "no such file or folder", "a folder without manifests");
  }

  @Test
  void what_is_sound_is_read_although_something_beside_it_is_not() throws IOException {
    Files.writeString(folder.resolve("a.yaml"), "kind: [");
    Files.writeString(folder.resolve("b.yaml"), "kind: Pod\nmetadata: {name: p}\n");

    reader.read(folder);

    assertThat(reader.manifests()).hasSize(1);
    assertThat(reader.problems()).hasSize(1);
  }

  private List<String> messages() {
    return reader.problems().stream().map(Problem::found).toList();
  }
}
