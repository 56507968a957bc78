package dev.kiri.it.house;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ModuleArrowsTest {
  private static final JavaClasses CLASSES = Compiled.classes(SourceTree.read());

  @ParameterizedTest
  @EnumSource
  void a_module_imports_only_the_modules_it_may_know(Module module) {
    classes()
        .that()
        .resideInAPackage(module.packages())
        .should()
        .onlyDependOnClassesThat(
            resideInAnyPackage(module.mayImport()).or(not(resideInAPackage("dev.kiri.."))))
        .allowEmptyShould(true)
        .check(CLASSES);
  }

  @Test
  void packages_do_not_import_each_other_in_a_circle() {
    slices()
        .assignedFrom(new OnePackageOneSlice())
        .should()
        .beFreeOfCycles()
        .allowEmptyShould(true)
        .check(CLASSES);
  }

  @Test
  void nobody_brings_a_framework_or_a_second_library_for_the_same_job() {
    noClasses()
        .should()
        .dependOnClassesThat(
            resideInAnyPackage(
                "org.springframework..",
                "io.quarkus..",
                "io.micronaut..",
                "com.google.inject..",
                "dagger..",
                "lombok..",
                "com.google.common..",
                "com.fasterxml.jackson.core..",
                "com.fasterxml.jackson.databind.."))
        .allowEmptyShould(true)
        .check(CLASSES);
  }

  private static final class OnePackageOneSlice implements SliceAssignment {
    @Override
    public SliceIdentifier getIdentifierOf(JavaClass type) {
      return type.getPackageName().startsWith(Module.ROOT)
          ? SliceIdentifier.of(type.getPackageName())
          : SliceIdentifier.ignore();
    }

    @Override
    public String getDescription() {
      return "packages";
    }
  }
}
