package io.faultline.cli.bench.measure;

import io.faultline.cli.bench.criu.Application;
import io.faultline.cli.bench.criu.LabPrograms;
import io.faultline.cli.bench.criu.LineClient;
import io.faultline.cli.bench.criu.StockPrograms;
import java.io.IOException;

/**
 * A JVM.
 *
 * @param objects arrays of 1,000 bytes in its heap
 */
public record MovedJvm(int objects) implements MovedProcess {
  @Override
  public Application application(StockPrograms stock, LabPrograms lab) {
    return Application.jvm(objects);
  }

  @Override
  public void check(LineClient client) throws IOException, InterruptedException {
    MovedProcess.require(client, "CHECK", "OK");
  }
}
