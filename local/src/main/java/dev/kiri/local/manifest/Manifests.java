package dev.kiri.local.manifest;

import dev.kiri.local.manifest.Problem.Severity;
import dev.kiri.local.store.Kind;
import dev.kiri.local.store.Kind.Treatment;
import dev.kiri.local.store.KubeObject;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/// Checks documents: each by itself against the schema of its kind, and all together for what
/// refers to what. Pure.
public final class Manifests {
  private final Schemas schemas;

  public Manifests(Schemas schemas) {
    this.schemas = schemas;
  }

  /// What came out of a check.
  ///
  /// @param accepted the documents without errors
  public record Checked(List<Manifest> accepted, List<Problem> problems) {
    public Checked {
      accepted = List.copyOf(accepted);
      problems = List.copyOf(problems);
    }

    public List<Problem> of(Severity severity) {
      return problems.stream().filter(p -> p.severity() == severity).toList();
    }

    /// Why none of the documents is taken: the errors, and behind them what else is odd, as a
    /// mistyped field is often what an error is about. Empty where there is no error.
    public Optional<String> refusal() {
      List<Problem> lines = new ArrayList<>(of(Severity.ERROR));
      if (lines.isEmpty()) {
        return Optional.empty();
      }
      problems.stream()
          .filter(p -> p.severity() != Severity.ERROR)
          .map(Problem::asWarning)
          .forEach(lines::add);
      return Optional.of(lines.stream().map(Problem::toString).collect(Collectors.joining("\n")));
    }
  }

  /// @param others objects that are in the mesh already
  public Checked check(List<Manifest> manifests, Collection<KubeObject> others) {
    var problems = new ArrayList<Problem>();
    var accepted = new ArrayList<Manifest>();
    for (var manifest : manifests) {
      var own = new ArrayList<Problem>();
      if (checkOne(manifest, own)) {
        accepted.add(manifest);
      }
      problems.addAll(own);
    }
    problems.addAll(References.check(accepted, manifests, others));
    return new Checked(accepted, problems);
  }

  /// What of an object that is in the mesh already has no effect in it.
  public List<Problem> withoutEffect(KubeObject object) {
    var problems = new ArrayList<Problem>();
    checkOne(new Manifest(new Origin("objects", 1), object), problems);
    return problems;
  }

  private boolean checkOne(Manifest manifest, List<Problem> problems) {
    var object = manifest.object();
    var name =
        object.kind().isEmpty()
            ? ""
            : object.kind() + (object.name().isEmpty() ? "" : " " + object.name());
    var report = new Report(manifest.origin(), name, problems);
    if (object.kind().isEmpty()) {
      report.error("kind", Found.of(object.at("kind")), "the kind of the object, such as Service");
      return false;
    }
    if (object.name().isEmpty()) {
      report.error("metadata.name", Found.of(object.at("metadata", "name")), "a name");
      return false;
    }
    var kind = Kind.named(object.kind());
    if (!Kind.isListed(object.kind())) {
      report.warning(
          "kind", Found.of(object.kind()), "a kind this mesh knows: " + Schemas.kindsForPeople());
      return false;
    }
    if (kind.treatment() == Treatment.REFUSED) {
      report.error(
          "kind",
          Found.of(object.kind()),
          "no "
              + object.kind()
              + ": it configures another proxy, and leaving it out would change what the mesh"
              + " does");
      return false;
    }
    if (kind.treatment() == Treatment.IGNORED) {
      report.warning(
          "kind", Found.of(object.kind()), "a kind this mesh acts on; this one is left out");
      return false;
    }
    checkGroup(object, kind, report);
    schemas.check(object, report);
    return report.errors() == 0;
  }

  /// The version is not looked at: the fields of all of them are in the schema.
  private static void checkGroup(KubeObject object, Kind kind, Report report) {
    var version = object.text("apiVersion");
    int slash = version.lastIndexOf('/');
    var group = slash < 0 ? "" : version.substring(0, slash);
    if (!version.isEmpty() && !group.equals(kind.group())) {
      report.error(
          "apiVersion",
          Found.of(version),
          kind.group().isEmpty()
              ? "v1"
              : "a version of " + kind.group() + ", as in " + kind.group() + "/v1");
    }
  }
}
