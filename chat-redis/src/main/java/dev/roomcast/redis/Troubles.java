package dev.roomcast.redis;

import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.file.NoSuchFileException;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import redis.clients.jedis.exceptions.JedisDataException;

/**
 * What to do when a server cannot be reached, for people who run it. An instance says it once for
 * each reason; it is confined to the reading thread of a link.
 */
final class Troubles {

  private static final Logger log = LoggerFactory.getLogger("roomcast.broker");
  private static final int DEEPEST = 12;

  private String told = "";

  /** Warns that there is no connection, if that is new or has another reason by now. */
  boolean tell(String name, RedisOptions options, Throwable cause, boolean isNew) {
    String advice = advice(cause);
    if (!isNew && advice.equals(told)) {
      return false;
    }
    told = advice;
    log.warn(
        "{}: no connection to {}, trying again: {}. Until there is one nothing is logged or"
            + " announced, and clients are told \"unavailable\" after 5 s; what is logged stays."
            + " {}",
        name,
        options,
        Refusals.describe(cause),
        advice);
    return true;
  }

  /** One sentence or two; the innermost cause that says something counts. */
  static String advice(Throwable failure) {
    String advice = null;
    Throwable cause = failure;
    for (int depth = 0; cause != null && depth < DEEPEST; depth++) {
      String found = of(cause);
      advice = found == null ? advice : found;
      cause = found != null && cause instanceof SSLException ? null : cause.getCause();
    }
    return advice == null ? "Look at the server, and at the network to it" : advice;
  }

  private static @Nullable String of(Throwable cause) {
    String message = String.valueOf(cause.getMessage());
    if (cause instanceof Error) {
      return "That is not the server's fault: look at the memory of this process, and report it";
    }
    if (cause instanceof JedisDataException refusal) {
      return Refusals.advice(refusal);
    }
    if (cause instanceof CertificateExpiredException) {
      return "The server's certificate has expired: renew it; no node has to be restarted";
    }
    if (cause instanceof CertificateNotYetValidException) {
      return "The server's certificate is not valid yet: compare the clocks of both machines";
    }
    if (cause instanceof CertPathBuilderException) {
      return "The server's certificate is from an authority that is not known here: give the"
          + " authority's with ca=FILE";
    }
    if (cause instanceof CertificateException && message.contains("No ")) {
      return "The server's certificate is for another host name: connect by a name that is in it,"
          + " or have one issued for the name in the URL";
    }
    if (cause instanceof SSLException) {
      return ofTls(message);
    }
    if (cause instanceof UnknownHostException) {
      return "The name of the host has no address: look at the URL, and at DNS";
    }
    if (cause instanceof NoSuchFileException) {
      return "A file that the options name is not there";
    }
    if (cause instanceof ConnectException) {
      return "Nothing listens there: is the server running, on that port and address?";
    }
    if (cause instanceof SocketTimeoutException) {
      return "It does not answer: is it stopped or overloaded, or is there a firewall between?";
    }
    if (message.startsWith("Unexpected end of stream") || message.equals("Connection reset")) {
      return "It hung up. If it does so at once, it may want TLS: rediss://";
    }
    return null;
  }

  private static @Nullable String ofTls(String message) {
    if (message.contains("Unsupported or unrecognized SSL message")
        || message.contains("no answer to the TLS handshake")) {
      return "There is no TLS on this port: redis:// instead of rediss://, or the TLS port (which"
          + " members of a cluster announce with tls-cluster yes)";
    }
    if (message.contains("certificate_required") || message.contains("bad_certificate")) {
      return "The server wants to see a certificate that it trusts: give cert=FILE and key=FILE";
    }
    return null;
  }
}
