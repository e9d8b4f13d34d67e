package io.faultline.cli.status;

import com.google.protobuf.ByteString;
import io.faultline.proto.security.SharedKey;
import io.faultline.source.OwnershipLog;
import java.io.IOException;

/**
 * Tells the status of a source at each step, behind what keeps it for a later process: that may
 * refuse the step.
 *
 * @param onCommitted runs when RUN is about to be sent, and known to be
 */
public record StatusOwnershipLog(StatusFile status, OwnershipLog kept, Runnable onCommitted)
    implements OwnershipLog {
  @Override
  public void connected(SharedKey key) throws IOException {
    kept.connected(key);
  }

  @Override
  public void paused(ByteString deviceState) throws IOException {
    kept.paused(deviceState);
    status.tell(OwnershipStep.PAUSED);
  }

  @Override
  public void committed() throws IOException {
    kept.committed();
    status.tell(OwnershipStep.COMMITTED);
    onCommitted.run();
  }

  @Override
  public void released() throws IOException {
    try {
      kept.released();
    } finally {
      status.tell(OwnershipStep.RUNS_HERE);
    }
  }

  @Override
  public void completed() throws IOException {
    try {
      kept.completed();
    } finally {
      status.close();
    }
  }
}
