package io.faultline.tests.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The JVM options of the commands that tests start, for most of which the JVM's own start takes the
 * longest: compilation by C1 only, the serial collector, and an AOT cache as the launcher uses. The
 * cache is created once per jar, next to it.
 */
public final class FastJvmOptions {
  private static final List<String> FAST =
      List.of(
          "--enable-native-access=ALL-UNNAMED",
          "-XX:-UsePerfData", // a killed JVM would leave its file in /tmp
          "-XX:+UseSerialGC");

  private static final String C1_ONLY = "-XX:TieredStopAtLevel=1";

  private static final long LIMIT_SECONDS = 120;

  private FastJvmOptions() {}

  /**
   * The options of a command's JVM.
   *
   * @param encrypts whether it needs C2, which uses the AES instructions of the processor
   */
  public static List<String> of(boolean encrypts) {
    List<String> options = new ArrayList<>(Once.OPTIONS);
    if (!encrypts) {
      options.add(C1_ONLY);
    }
    return options;
  }

  /** Created by the first command; initialization of a class happens once, under a lock. */
  private static final class Once {
    static final List<String> OPTIONS = find();

    private static List<String> find() {
      Path jar = Jar.find();
      Path cache = jar.resolveSibling(jar.getFileName() + ".tests.aot");
      List<String> options = new ArrayList<>(FAST);
      try {
        if (ensure(jar, cache)) {
          // No warning about a cache that this JVM cannot use: the command runs without it.
          options.addAll(List.of("-XX:AOTCache=" + cache, "-Xlog:aot=off", "-Xlog:cds=off"));
        }
        return List.copyOf(options);
      } catch (IOException e) {
        throw new UncheckedIOException("the AOT cache " + cache, e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("interrupted while the AOT cache was created", e);
      }
    }
  }

  /** Returns whether there is a current cache. One process creates it, and others wait for it. */
  private static boolean ensure(Path jar, Path cache) throws IOException, InterruptedException {
    Path lock = cache.resolveSibling(cache.getFileName() + ".lock");
    try (FileChannel channel =
            FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        var held = channel.lock()) {
      return held.isValid() && (isCurrent(jar, cache) || create(jar, cache));
    }
  }

  private static boolean isCurrent(Path jar, Path cache) throws IOException {
    return Files.exists(cache)
        && Files.getLastModifiedTime(cache).compareTo(Files.getLastModifiedTime(jar)) > 0;
  }

  private static boolean create(Path jar, Path cache) throws IOException, InterruptedException {
    Path created = cache.resolveSibling(cache.getFileName() + ".new");
    Files.deleteIfExists(created);
    List<String> command = new ArrayList<>(List.of(Jar.java().toString()));
    command.addAll(FAST);
    command.add(C1_ONLY);
    command.addAll(List.of("-XX:AOTCacheOutput=" + created, "-jar", jar.toString(), "train"));
    Process process =
        new ProcessBuilder(command)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
      process.destroyForcibly();
    }
    if (!Files.exists(created)) {
      System.out.println("commands start without an AOT cache: it could not be created");
      return false;
    }
    Files.move(created, cache, StandardCopyOption.REPLACE_EXISTING);
    return true;
  }
}
