package io.faultline.tests.process;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Starts the commands of one test, and kills them after it, however it ended. Their temporary
 * files, and those of the test, are in one directory that is deleted with them.
 */
final class Processes implements BeforeEachCallback, AfterEachCallback {
  private final List<Node> nodes = new ArrayList<>();
  private @Nullable Path directory;

  @Override
  public void beforeEach(ExtensionContext context) throws IOException {
    directory = Files.createTempDirectory("faultline-test");
  }

  /** Starts {@code faultline ARGUMENTS}, with {@link FastNodeOptions}. */
  Node start(String... arguments) throws IOException {
    return startWith(List.of(), List.of(arguments));
  }

  /** Starts {@code faultline ARGUMENTS MORE}, with {@link FastNodeOptions}. */
  Node start(List<String> arguments, String... more) throws IOException {
    List<String> all = new ArrayList<>(arguments);
    all.addAll(List.of(more));
    return startWith(List.of(), all);
  }

  /**
   * Starts {@code PREFIX java ... ARGUMENTS}, with {@link FastNodeOptions}. The prefix must execute
   * the rest in its own process.
   */
  Node startWith(List<String> prefix, List<String> arguments) throws IOException {
    return startAsTyped(prefix, FastNodeOptions.of(arguments));
  }

  /** Starts {@code faultline ARGUMENTS}, without {@link FastNodeOptions}. */
  Node startAsTyped(List<String> arguments) throws IOException {
    return startAsTyped(List.of(), arguments);
  }

  /**
   * Starts {@code faultline ARGUMENTS >FILE 2>&1}, with {@link FastNodeOptions}; the node then has
   * no output of its own.
   */
  Node startInto(Path file, String... arguments) throws IOException {
    ProcessBuilder builder = command(List.of(), FastNodeOptions.of(List.of(arguments)));
    return start(builder.redirectErrorStream(true).redirectOutput(file.toFile()));
  }

  private Node startAsTyped(List<String> prefix, List<String> arguments) throws IOException {
    return start(command(prefix, arguments));
  }

  /** Starts a program that is not one of ours. */
  Node startProgram(List<String> command, Map<String, String> environment) throws IOException {
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().putAll(environment);
    return start(builder);
  }

  private Node start(ProcessBuilder builder) throws IOException {
    Node node = new Node(builder.start());
    nodes.add(node);
    return node;
  }

  private ProcessBuilder command(List<String> prefix, List<String> arguments) {
    boolean encrypts = arguments.stream().anyMatch(each -> each.startsWith("--tls="));
    List<String> command = new ArrayList<>(prefix);
    command.add(Jar.java().toString());
    command.addAll(FastJvmOptions.of(encrypts));
    command.add("-Djava.io.tmpdir=" + directory());
    command.add("-jar");
    command.add(Jar.find().toString());
    command.addAll(arguments);
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("XDG_RUNTIME_DIR", directory().toString()); // for status files
    return builder;
  }

  /** The path of a new file in the directory of the test. */
  Path file(String name) {
    return directory().resolve(name);
  }

  /** Where nodes without {@code --state} have their control sockets. */
  Path defaultState() {
    return file("faultline");
  }

  /** Allows every user to write to the directory of the test. */
  void openToAll() throws IOException {
    Files.setPosixFilePermissions(directory(), PosixFilePermissions.fromString("rwxrwxrwx"));
  }

  @Override
  public void afterEach(ExtensionContext context) throws IOException, InterruptedException {
    for (Node node : nodes) {
      node.end();
    }
    nodes.clear();
    delete(directory());
  }

  private Path directory() {
    if (directory == null) {
      throw new IllegalStateException("no test is running");
    }
    return directory;
  }

  private static void delete(Path directory) throws IOException {
    Files.walkFileTree(
        directory,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path visited, @Nullable IOException failure)
              throws IOException {
            if (failure != null) {
              throw failure;
            }
            Files.delete(visited);
            return FileVisitResult.CONTINUE;
          }
        });
  }
}
