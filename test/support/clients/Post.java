import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URL;

/** Posts standard input to a URL; headers follow, names and values in turn. Prints the status, or ends with 1. */
public class Post {
  public static void main(String[] args) throws Exception {
    HttpURLConnection connection = (HttpURLConnection) new URL(args[0]).openConnection();
    connection.setRequestMethod("POST");
    connection.setDoOutput(true);
    for (int index = 1; index < args.length; index += 2)
      connection.setRequestProperty(args[index], args[index + 1]);
    InputStream input = System.in;
    try {
      connection.getOutputStream().write(input.readAllBytes());
      System.out.println(connection.getResponseCode());
    } catch (javax.net.ssl.SSLException refused) {
      System.err.println("TLS: " + refused.getMessage());
      System.exit(1);
    }
  }
}
