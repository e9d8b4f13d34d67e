package io.faultline.cli;

/**
 * Opens the jars of the class path. The JVM opens a jar when the first class is loaded from it that
 * is not in the AOT cache, and that may be a class that reports a failure: a process that has run
 * out of file descriptors by then could not report that, nor end.
 */
final class OpenJars {
  private static final String IN_NO_JAR = "io/faultline/cli/no-such-resource";

  private OpenJars() {}

  /** Opens all of them, on a thread of its own: that takes some tens of milliseconds. */
  static void inBackground() {
    Thread.ofPlatform().daemon().name("open-jars").start(OpenJars::open);
  }

  /** Looks for what is in none of them, so that the class loader looks into each. */
  static void open() {
    ClassLoader.getSystemResource(IN_NO_JAR);
  }
}
