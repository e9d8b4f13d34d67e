package io.faultline.cli.demo;

import io.faultline.cli.status.TakeOverFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The files by which another destination continues when that of the demo was killed.
 *
 * @param stateDirectory of the nodes of one migration
 */
record DemoTakeOver(Path stateDirectory) {
  /**
   * Arguments of the destination that replaces a killed one.
   *
   * @param forEachDestination arguments of each that takes over
   */
  List<String> arguments(List<String> forEachDestination) throws IOException {
    List<String> arguments = new ArrayList<>(forEachDestination);
    arguments.add("--take-over=" + TakeOverFiles.find(stateDirectory, "").migration());
    return arguments;
  }
}
