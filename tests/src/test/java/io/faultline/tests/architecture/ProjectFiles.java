package io.faultline.tests.architecture;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** The files of the project, found from the directory of this module, where tests run. */
final class ProjectFiles {
  static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

  private static final Set<String> TEXT =
      Set.of("java", "md", "proto", "pml", "c", "h", "S", "ld", "sh", "xml", "css", "properties");

  /** Scripts without an extension, and the only directory with a dot that holds sources. */
  private static final Set<String> SCRIPTS = Set.of("faultline", ".ci/run");

  private static final String CI = ".ci";

  private ProjectFiles() {}

  /** All text files that people write, in the order of their paths. */
  static List<Path> texts() throws IOException {
    List<Path> texts = new ArrayList<>();
    Files.walkFileTree(
        ROOT,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) {
            return isSkipped(directory) ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            if (isText(file)) {
              texts.add(file);
            }
            return FileVisitResult.CONTINUE;
          }
        });
    return texts.stream().sorted().toList();
  }

  private static boolean isSkipped(Path directory) {
    String name = directory.getFileName().toString();
    return !directory.equals(ROOT)
        && (name.equals("target") || (name.startsWith(".") && !name.equals(CI)));
  }

  private static boolean isText(Path file) {
    String name = file.getFileName().toString();
    return SCRIPTS.contains(ROOT.relativize(file).toString())
        || TEXT.contains(name.substring(name.lastIndexOf('.') + 1));
  }
}
