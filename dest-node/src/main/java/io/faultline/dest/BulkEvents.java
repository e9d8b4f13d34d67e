package io.faultline.dest;

/** Passes the events of the bulk loop to the state machine on the control loop. Thread-safe. */
final class BulkEvents implements BulkChannelsReceiver.Events {
  private final IncomingDispatcher dispatcher;
  private final IncomingSession session;

  BulkEvents(IncomingDispatcher dispatcher, IncomingSession session) {
    this.dispatcher = dispatcher;
    this.session = session;
  }

  @Override
  public void roundReceived(int round) {
    dispatcher.onMigration(session, migration -> migration.roundReceived(round));
  }

  @Override
  public void discarded(long pages, long tookNanos) {
    dispatcher.onMigration(session, migration -> migration.discarded(pages, tookNanos));
  }

  @Override
  public void staleKnown(long pages) {
    dispatcher.onMigration(session, migration -> migration.staleKnown(pages));
  }

  @Override
  public void streamEnded(long announcedPages, long receivedPages) {
    dispatcher.onMigration(
        session, migration -> migration.bulkStreamEnded(announcedPages, receivedPages));
  }

  @Override
  public void failed(RuntimeException cause) {
    dispatcher.failed(String.valueOf(cause.getMessage()));
  }
}
