package dev.kiri.it.house;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.Set;

/// The classes of all modules, as compiled.
final class Compiled {
  private Compiled() {}

  /// What we ship and wrote: no tests, nothing generated.
  static JavaClasses classes(SourceTree sources) {
    Set<String> written = sources.topLevelClasses();
    return new ClassFileImporter()
        .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
        .withImportOption(location -> !location.contains("-tests.jar"))
        .importPackages("dev.kiri")
        .that(
            DescribedPredicate.describe(
                "are written by us", type -> written.contains(topLevel(type).getName())));
  }

  private static JavaClass topLevel(JavaClass type) {
    return type.getEnclosingClass().map(Compiled::topLevel).orElse(type);
  }
}
