"""A document and a status message as systems write them: persons are made up."""

import io

from ingest.sources.ioffice.edxml import Message, read_message

NAMESPACE = "http://www.mic.gov.vn/TBT/QCVN_102_2016"

DOCUMENT = f"""<?xml version="1.0" encoding="UTF-8"?>
<edXML xmlns="{NAMESPACE}">
  <edXML:edXMLEnvelope xmlns:edXML="{NAMESPACE}">
    <edXML:edXMLHeader>
      <edXML:MessageHeader>
        <edXML:From>
          <edXML:OrganId>000.00.00.G22</edXML:OrganId>
          <edXML:OrganizationInCharge>Chính phủ</edXML:OrganizationInCharge>
          <edXML:OrganName>Văn phòng Chính phủ</edXML:OrganName>
          <edXML:OrganAdd>CANARY số 1</edXML:OrganAdd>
          <edXML:Email>canary@example.invalid</edXML:Email>
          <edXML:Telephone>CANARY-0900</edXML:Telephone>
        </edXML:From>
        <edXML:To>
          <edXML:OrganId>000.00.00.H12</edXML:OrganId>
          <edXML:OrganName>UBND tỉnh Cà Mau</edXML:OrganName>
        </edXML:To>
        <edXML:To>
          <edXML:OrganId>000.00.21.H12</edXML:OrganId>
          <edXML:OrganName>UBND huyện Cái Nước</edXML:OrganName>
        </edXML:To>
        <edXML:DocumentId>000.00.00.G22,2026/10/05,7816/VPCP-TTĐT</edXML:DocumentId>
        <edXML:Code>
          <edXML:CodeNumber>7816</edXML:CodeNumber>
          <edXML:CodeNotation>VPCP-TTĐT</edXML:CodeNotation>
        </edXML:Code>
        <edXML:PromulgationInfo>
          <edXML:Place>Hà Nội</edXML:Place>
          <edXML:PromulgationDate>2026/10/05</edXML:PromulgationDate>
        </edXML:PromulgationInfo>
        <edXML:DocumentType>
          <edXML:Type>1</edXML:Type>
          <edXML:TypeDetail>0</edXML:TypeDetail>
          <edXML:TypeName>Công văn</edXML:TypeName>
        </edXML:DocumentType>
        <edXML:Subject>CANARY trích yếu</edXML:Subject>
        <edXML:Content>CANARY nội dung</edXML:Content>
        <edXML:SignerInfo>
          <edXML:Competence>TL</edXML:Competence>
          <edXML:FullName>CANARY người ký</edXML:FullName>
        </edXML:SignerInfo>
        <edXML:DueDate>2026/10/20</edXML:DueDate>
        <edXML:OtherInfo>
          <edXML:Priority>1</edXML:Priority>
          <edXML:PageAmount>22</edXML:PageAmount>
          <edXML:Appendixes><edXML:Appendix>CANARY phụ lục</edXML:Appendix></edXML:Appendixes>
        </edXML:OtherInfo>
        <edXML:SteeringType>1</edXML:SteeringType>
        <edXML:ToPlaces><edXML:Place>CANARY nơi nhận</edXML:Place></edXML:ToPlaces>
      </edXML:MessageHeader>
      <edXML:TraceHeaderList>
        <edXML:TraceHeader>
          <edXML:OrganId>000.00.00.G22</edXML:OrganId>
          <edXML:Timestamp>2026/10/05 09:30:15</edXML:Timestamp>
        </edXML:TraceHeader>
        <edXML:TraceHeader>
          <edXML:OrganId>000.00.00.H12</edXML:OrganId>
          <edXML:Timestamp>2026/10/05 09:31:00</edXML:Timestamp>
        </edXML:TraceHeader>
        <edXML:Bussiness>
          <edXML:BussinessDocType>0</edXML:BussinessDocType>
          <edXML:BussinessDocReason>CANARY lý do</edXML:BussinessDocReason>
          <edXML:Paper>0</edXML:Paper>
          <edXML:StaffInfo>
            <edXML:Staff>CANARY văn thư</edXML:Staff>
            <edXML:Mobile>CANARY-0911</edXML:Mobile>
          </edXML:StaffInfo>
        </edXML:Bussiness>
      </edXML:TraceHeaderList>
      <Signature xmlns="http://www.w3.org/2000/09/xmldsig#">
        <SignedInfo><Reference URI=""><DigestValue>q83v</DigestValue></Reference></SignedInfo>
        <SignatureValue>GbVb8n9</SignatureValue>
        <KeyInfo><X509Data><X509SubjectName>CN=CANARY</X509SubjectName></X509Data></KeyInfo>
      </Signature>
    </edXML:edXMLHeader>
    <edXML:edXMLBody>
      <edXML:edXMLManifest version="1.0">
        <edXML:Reference xlink:href="cid:209"><edXML:AttachmentName>CANARY.doc</edXML:AttachmentName></edXML:Reference>
      </edXML:edXMLManifest>
    </edXML:edXMLBody>
  </edXML:edXMLEnvelope>
  <AttachmentEncoded>
    <Attachment>
      <ContentId>cid:209</ContentId>
      <edXML:ContentTransferEncoded xmlns:edXML="{NAMESPACE}">UEsDBBQACAgIAEuSPE0A</edXML:ContentTransferEncoded>
    </Attachment>
  </AttachmentEncoded>
</edXML>
"""

STATUS = f"""<?xml version="1.0" encoding="UTF-8"?>
<edXML:edXML xmlns:edXML="{NAMESPACE}"><edXML:edXMLEnvelope><edXML:edXMLHeader><edXML:Status>
  <edXML:ResponseFor>
    <edXML:OrganId>000.00.00.G22</edXML:OrganId>
    <edXML:Code>7816/VPCP-TTĐT</edXML:Code>
    <edXML:PromulgationDate>2026/10/05</edXML:PromulgationDate>
    <edXML:DocumentId>000.00.00.G22,2026/10/05,7816/VPCP-TTĐT</edXML:DocumentId>
  </edXML:ResponseFor>
  <edXML:From>
    <edXML:OrganId>000.00.00.H12</edXML:OrganId>
    <edXML:OrganName>UBND tỉnh Cà Mau</edXML:OrganName>
    <edXML:Email>canary@example.invalid</edXML:Email>
  </edXML:From>
  <edXML:StatusCode>03</edXML:StatusCode>
  <edXML:Description>CANARY đã tiếp nhận</edXML:Description>
  <edXML:Timestamp>2026/10/05 10:00:00</edXML:Timestamp>
  <edXML:StaffInfo><edXML:Staff>CANARY cán bộ</edXML:Staff></edXML:StaffInfo>
</edXML:Status></edXML:edXMLHeader></edXML:edXMLEnvelope></edXML:edXML>
"""


def message(text: str | bytes) -> Message:
    """A text as it is read."""
    return read_message(io.BytesIO(text.encode() if isinstance(text, str) else text))


def without(text: str, element: str) -> str:
    """The text without the first `edXML:` element of this name."""
    head, tail = text.split(f"<edXML:{element}>", 1)
    return head + tail.split(f"</edXML:{element}>", 1)[1]


def with_text(text: str, element: str, value: str) -> str:
    """The text with another value in the first `edXML:` element of this name."""
    head, tail = text.split(f"<edXML:{element}>", 1)
    return f"{head}<edXML:{element}>{value}</edXML:{element}>{tail.split(f'</edXML:{element}>', 1)[1]}"
