import java.io.File;
import java.util.Arrays;
import javax.xml.XMLConstants;
import javax.xml.transform.Source;
import javax.xml.transform.stream.StreamSource;
import javax.xml.validation.SchemaFactory;
import javax.xml.validation.Validator;
import org.xml.sax.ErrorHandler;
import org.xml.sax.SAXException;
import org.xml.sax.SAXParseException;

/**
 * Prints, for each XML file of a folder, the violations of the schemas: `file<TAB>violation`.
 * Arguments: the folder, then the schemas. Uses no network.
 */
public class SchemaCheck {
  public static void main(String[] arguments) throws Exception {
    SchemaFactory factory = SchemaFactory.newInstance(XMLConstants.W3C_XML_SCHEMA_NS_URI);
    factory.setProperty(XMLConstants.ACCESS_EXTERNAL_SCHEMA, "file");
    factory.setProperty(XMLConstants.ACCESS_EXTERNAL_DTD, "file");
    Source[] schemas = Arrays.stream(arguments).skip(1).map(path -> new StreamSource(new File(path))).toArray(Source[]::new);
    Validator validator = factory.newSchema(schemas).newValidator();
    for (File document : new File(arguments[0]).listFiles()) {
      validator.setErrorHandler(new Printing(document.getName()));
      try {
        validator.validate(new StreamSource(document));
      } catch (SAXParseException alreadyPrinted) {
        // A file that is not XML ends the reading of this file, but not of the others.
      }
    }
  }

  private record Printing(String file) implements ErrorHandler {
    public void warning(SAXParseException why) {
      System.out.println(file + "\t" + why.getMessage());
    }

    public void error(SAXParseException why) {
      warning(why);
    }

    public void fatalError(SAXParseException why) throws SAXException {
      warning(why);
      throw why;
    }
  }
}
